"""What a wheel's name says of the C library that it needs (PEP 600)."""

import re
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

NAMED = re.compile(r"manylinux_(\d+)_(\d+)_\w+")
OF_OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
NONE = (0, 0)


def glibc_of_wheel(address: str) -> tuple[int, int]:
    """Return the oldest glibc that the wheel of an address takes; (0, 0) where it says nothing of that, as archives of
    source do."""
    try:
        _, _, _, tags = parse_wheel_filename(unquote(urlsplit(address).path).rpartition("/")[2])
    except InvalidWheelFilename:
        return NONE
    return min((_glibc_of(tag.platform) for tag in tags), default=NONE)


def _glibc_of(platform: str) -> tuple[int, int]:
    if found := NAMED.fullmatch(platform):
        return int(found[1]), int(found[2])
    return OF_OLD_NAMES.get(platform.partition("_")[0], NONE)
