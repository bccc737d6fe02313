"""What to do about a set before training on it, said from its figures."""

from collections.abc import Callable, Sequence

from training import study
from training.inspection import figures, findings

_MANY_DROPPED = 0.02
_MANY_GREY = 0.02
_ROUNDED_INDEX = 125.0
_APART_YEARS = 8.0
_OLD_YEARS = 60
_WIDE_GAP_YEARS = 5
_MIN_KEPT = 30

Rule = Callable[[figures.Inspected], str]


def advise(found: figures.Inspected) -> list[str]:
    """Lists what to do, the most urgent first; each sentence has its figure."""
    said = [rule(found) for rule in _RULES]
    return [sentence for sentence in said if sentence] or [
        "Nothing stands in the way of training on this set."
    ]


def _stops(found: figures.Inspected) -> str:
    if not found.stops:
        return ""
    first = found.stops[0]
    return (
        f"Training would stop: {_count(len(found.stops), 'label or name')} must be put "
        f"right first, such as {first.detail} ({first.file_name})."
    )


def _two_ages(found: figures.Inspected) -> str:
    gaps = _gaps(found.listed, "two_ages")
    if not gaps:
        return ""
    wide = sum(gap > _WIDE_GAP_YEARS for gap in gaps)
    return (
        f"Correct the labels of {_count(len(gaps), 'picture')} that "
        f"{'is' if len(gaps) == 1 else 'are'} there under two ages, up to "
        f"{max(gaps):g} years apart ({wide:,} by more than {_WIDE_GAP_YEARS}): labels "
        "of photos without a twin will be as wrong as these."
    )


def _dropped(found: figures.Inspected) -> str:
    read, kept = len(found.scanned.seen), int(found.is_kept.sum())
    if read - kept <= _MANY_DROPPED * read:
        return ""
    lost = [one for one in found.listed if one.outcome == findings.DROPPED]
    kinds = [one.kind for one in lost if one.row is not None]
    worst = max(dict.fromkeys(kinds), key=kinds.count)
    title = next(kind.title for kind in findings.KINDS if kind.name == worst)
    return (
        f"Training drops {read - kept:,} of {read:,} photos "
        f"({(read - kept) / read:.1%}), mostly: {title.lower()} "
        f"({kinds.count(worst):,}).{_remedy(found, worst)}"
    )


def _remedy(found: figures.Inspected, worst: str) -> str:
    is_framed = any(len(one.statuses) > 1 for one in found.scanned.seen)
    if is_framed or worst not in ("no_face", "small_face"):
        return ""
    return (
        " If faces fill these photos, --framed-copies puts a frame around them; if "
        "all photos are crops of faces, --face-crop none takes them whole."
    )


def _empty(found: figures.Inspected) -> str:
    empty = figures.empty_groups(found)
    if not empty:
        return ""
    return (
        f"Nobody of {_listed(empty)} is left: the model cannot learn these ages, and "
        "its figures will say nothing about them. Collect photos, or keep it from "
        "being used on them."
    )


def _thin(found: figures.Inspected) -> str:
    thin = figures.thin_groups(found)
    if not thin:
        return ""
    counts = {one.age_group: one.kept for one in figures.by_age_group(found)}
    fewest = min(thin, key=lambda name: counts[name])
    return (
        f"Collect more photos of {_listed(thin)}: of {fewest} there are "
        f"{counts[fewest]}, of whom about {counts[fewest] // 10} would be tested on."
    )


def _old(found: figures.Inspected) -> str:
    kept = found.kept_years
    if len(kept) < _MIN_KEPT:
        return ""
    share = float((kept >= _OLD_YEARS).mean())
    of_study = float(study.study_mix()[_OLD_YEARS:].sum())
    verb = "Weigh or collect older people" if share < 0.15 else "Older people are there"
    return (
        f"{verb}: {share:.1%} are {_OLD_YEARS} or older "
        f"({int((kept >= _OLD_YEARS).sum()):,} photos; {of_study:.1%} in the original "
        "study, which erred most on them)."
    )


def _study_mix(found: figures.Inspected) -> str:
    covered = study.covered_share(found.kept_years)
    if covered > 0.999 or not len(found.kept_years):
        return ""
    return (
        f"Figures at the original study's mix of ages rest on {covered:.1%} of it: "
        "nobody is of the other five-year bands."
    )


def _rounded(found: figures.Inspected) -> str:
    index = figures.heaping(found.kept_years)
    if index is None or len(found.kept_years) < _MIN_KEPT or index < _ROUNDED_INDEX:
        return ""
    return (
        f"Ages look rounded: Whipple's index is {index:.0f} (100: not at all; 500: all "
        "end in 0 or 5). Part of the model's error will be the labels'."
    )


def _confounded(found: figures.Inspected) -> str:
    for name, values in found.columns().items():
        means = {
            one.value: one.mean_age_years
            for one in figures.by_value(found, values)
            if one.mean_age_years is not None and one.kept >= _MIN_KEPT
        }
        if len(means) > 1 and max(means.values()) - min(means.values()) > _APART_YEARS:
            apart = ", ".join(f"{value} {mean:.1f}" for value, mean in means.items())
            return (
                f"Age and {name} go together (mean ages: {apart} years), so that the "
                f"model may learn the {name} instead of the age: judge it by {name}."
            )
    return ""


def _grey(found: figures.Inspected) -> str:
    share = sum(one.is_grey for one in found.scanned.seen) / len(found.scanned.seen)
    if share < _MANY_GREY:
        return ""
    return (
        f"{share:.1%} of the photos are grey: check that age and colour do not go "
        "together, since checkout cameras see colour."
    )


_RULES: Sequence[Rule] = (
    _stops,
    _two_ages,
    _dropped,
    _empty,
    _thin,
    _old,
    _study_mix,
    _rounded,
    _confounded,
    _grey,
)


def _gaps(listed: Sequence[findings.Finding], kind: str) -> list[float]:
    groups = {one.group: one.gap_years for one in listed if one.kind == kind}
    return [gap for gap in groups.values() if gap is not None]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
