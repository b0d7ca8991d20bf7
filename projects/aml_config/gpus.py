"""Which GPUs the container of a run gets, in the words that `nvidiaDocker` and the set-up of a target share.

"all"; a number for how many, from 1; `device=1` for that one; or the numbers of several, such as `0,2`.
"""

import re
from typing import Final

from projects.aml_config.fields import FALSE_TEXTS, TRUE_TEXTS
from projects.aml_config.nodes import Plain

GPUS: Final = re.compile(r"all|[1-9][0-9]{0,2}|device=[0-9]{1,3}(?:,[0-9]{1,3})*|[0-9]{1,3}(?:,[0-9]{1,3})+")
REMEDY: Final = "Write true, false, a number from 1, device=1 for one certain GPU, or several such as 0,2."

_COMMA = re.compile(r"\s*,\s*")


def gpus_of(value: Plain) -> str | None:
    """Return the words for a value of `nvidiaDocker`, "" for no GPUs; None where it says neither how many nor which.

    A list has the numbers of GPUs, also with one item.
    """
    if isinstance(value, list):
        numbers = ",".join(item if isinstance(item, str) else "?" for item in value)
        value = numbers if "," in numbers else f"device={numbers}"
    if not isinstance(value, str):
        return None
    text = _COMMA.sub(",", value.strip().lower())
    if text in FALSE_TEXTS:
        return ""
    text = "all" if text in TRUE_TEXTS else text
    return text if GPUS.fullmatch(text) else None
