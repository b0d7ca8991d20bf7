"""Numbers in words for pages: sizes, durations and moments. Sizes are bytes, durations seconds, moments aware."""

from datetime import UTC, datetime, timedelta

SIZE_STEPS = ("bytes", "kB", "MB", "GB", "TB", "PB")
LONG_AGO = timedelta(days=30)


def size_in_words(size: int) -> str:
    """Return a size with three digits at most: "0 bytes", "1 byte", "12.3 kB", "1.2 GB" (steps of 1,000)."""
    if size == 1:
        return "1 byte"
    amount = float(size)
    for unit in SIZE_STEPS:
        if amount < 999.5 or unit == SIZE_STEPS[-1]:
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 99.95 else f"{amount:.1f} {unit}"


def duration_in_words(seconds: float) -> str:
    """Return a duration with two units at most: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min", "3 d 4 h"."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    for small, large, size, factor in (("s", "min", 60, 1), ("min", "h", 3600, 60), ("h", "d", 86_400, 3600)):
        if whole < size:
            return f"{whole // factor} {small}"
        if large == "d" or whole < size * (24 if large == "h" else 60):
            rest = whole % size // factor
            return f"{whole // size} {large} {rest} {small}" if rest else f"{whole // size} {large}"
    raise AssertionError("the last step takes every duration")


def moment_in_words(moment: datetime, now: datetime) -> str:
    """Return how far a moment is from now: "just now", "5 min ago", "in 3 d"; beyond 30 days its date."""
    distance = now - moment
    if abs(distance) >= LONG_AGO:
        return f"{moment.astimezone(UTC):%-d %b %Y}"
    seconds = abs(distance).total_seconds()
    if seconds < 10:
        return "just now"
    step, unit = next(pair for pair in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")) if seconds >= pair[0])
    if distance > timedelta(0):
        return f"{int(seconds // step)} {unit} ago"
    return f"in {round(seconds / step)} {unit}"


def exact_moment(moment: datetime) -> str:
    """Return a moment to the second, in UTC and saying so."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
