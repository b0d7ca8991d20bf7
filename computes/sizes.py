"""Sizes in the words that people use: "8 GiB", "512 MB", "1.5 TiB". Plain Python, no Django."""

import re

UNITS = {
    "": 1, "b": 1,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40,
}  # fmt: skip
SHOWN = (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]{0,3})\Z", re.ASCII)


def bytes_in(text: str) -> int:
    """Return the bytes of a size in words. Raises ValueError when it is none."""
    found = SIZE.match(text.strip().lower())
    if found is None or found[2] not in UNITS:
        raise ValueError(text)
    return int(float(found[1]) * UNITS[found[2]])


def size_for(size: int) -> str:
    """Return a size in words that `bytes_in` reads back as the same number."""
    for unit, factor in SHOWN:
        if size >= factor and size % factor == 0:
            return f"{size // factor} {unit}"
    return f"{size} B"
