"""What Spark said when a run failed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """What went wrong and what to do. `is_memory`: Java had too little; else the run never came to its script.
    `is_certain`: it counts also where the script has left a traceback, which only repeats it."""

    text: str
    remedy: str
    is_memory: bool = False
    is_certain: bool = False
