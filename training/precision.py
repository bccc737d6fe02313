"""Chooses the arithmetic of a fit, and says what it runs on."""

import os
import pathlib
import platform

import keras

from training import recipes

_BFLOAT16_UNITS = ("avx512_bf16", "amx_bf16")


def policy(precision: str) -> keras.DTypePolicy:
    """Chooses the types that a network computes with.

    Args:
      precision: One of `recipes.PRECISIONS`; `auto` takes bfloat16 on GPUs and on
        CPUs with units for it.

    Returns:
      `mixed_bfloat16`, whose weights stay float32, or `float32`.
    """
    is_short = precision == "bfloat16" or (
        precision == recipes.PRECISIONS[0] and (has_gpu() or _has_bfloat16_units())
    )
    return keras.DTypePolicy("mixed_bfloat16" if is_short else "float32")


def has_gpu() -> bool:
    """Tells whether the backend sees a GPU."""
    return bool(_accelerators())


def device() -> str:
    """Describes what the fit runs on, such as `2 CPU cores (AMD EPYC)`."""
    cpu = _cpu_field("model name") or platform.machine()
    return ", ".join(_accelerators()) or f"{num_cores()} CPU cores ({cpu})"


def _accelerators() -> list[str]:
    if keras.backend.backend() == "torch":
        # Keras lists no devices of PyTorch.
        import torch

        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    # Asked for GPUs, JAX fails where there is none.
    devices = keras.distribution.list_devices()
    return [name for name in devices if not name.lower().startswith("cpu")]


def _has_bfloat16_units() -> bool:
    return any(unit in _cpu_field("flags").split() for unit in _BFLOAT16_UNITS)


def _cpu_field(name: str) -> str:
    path = pathlib.Path("/proc/cpuinfo")
    if not path.is_file():
        return ""
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def num_cores() -> int:
    """Counts the CPU cores that this process may use."""
    return len(os.sched_getaffinity(0))
