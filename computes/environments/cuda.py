"""The newest CUDA that the NVIDIA driver of a machine takes: conda's `__cuda`. Empty where there are no GPUs."""

import re
from collections.abc import Mapping

from computes.errors import PreparationFailed
from computes.machines.contract import Machine
from computes.machines.nvidia import ask_nvidia

OVERRIDE = "CONDA_OVERRIDE_CUDA"
ANSWER_SECONDS = 8.0
QUESTION = ("nvidia-smi",)
VERSION = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
SAID = re.compile(r"\bCUDA (?:\w+ )?Version\s*:\s*([0-9]{1,3}\.[0-9]{1,3})\b")


def said_cuda(variables: Mapping[str, str]) -> str | None:
    """Return what a target's variables say instead of the driver, empty for none; None where they say nothing."""
    said = variables.get(OVERRIDE)
    return None if said is None else said.strip()


def cuda_of(machine: Machine, said: str | None) -> str:
    """Return what was said, else what the driver says. Raises PreparationFailed for what is no version, and
    TargetError."""
    if said is None:
        _, lines = ask_nvidia(machine, QUESTION, ANSWER_SECONDS)
        found = SAID.search("\n".join(lines))
        return found[1] if found else ""
    if said and not VERSION.fullmatch(said):
        raise PreparationFailed(
            f"CUDA is said to be {said[:40]!r} on the target, which is no version.",
            f"Let an administrator correct the target's variable {OVERRIDE}, such as 12.4; empty for no CUDA.",
        )
    return said
