"""Licence of a bundle: what its training data allows."""

import pathlib

RESEARCH_NAME = "Research and evaluation only"
RESEARCH_NOTICE = (
    "This age model was trained on photos that may be used for non-commercial "
    "research only; train on photos of your own (tillage train) before you rely on it."
)
_RESEARCH_TEXT = f"""\
{RESEARCH_NAME}

This folder holds an age model. Its weights were learned from photos that their
owners offer for non-commercial research only, or without stating a licence
(UTKFace: non-commercial research; All-Age-Faces: Cheng et al., 2019), and from
initial weights under non-commercial terms.

You may use, copy and change this model for research and for evaluating Tillage.
You may not use it for commercial purposes, for decisions about people, or to
recognise anybody. It comes without any warranty.

The program that made and runs it is under the Apache License 2.0. A model that you
train with it on photos of your own is yours.
"""


def read(path: pathlib.Path | None) -> tuple[str, str, str]:
    """Gives the licence of a bundle.

    Args:
      path: A licence of one's own, or None for research and evaluation only.

    Returns:
      Its name, one sentence for those who score with it, and its text.
    """
    if path is None:
        return RESEARCH_NAME, RESEARCH_NOTICE, _RESEARCH_TEXT
    text = path.read_text(encoding="utf-8")
    name = text.strip().partition("\n")[0].strip() or path.name
    return name, f"This age model is licensed under: {name}.", text
