"""Reading what people type: arguments in shell quoting, time limits in words, tags."""

import re
import shlex

from django.core.exceptions import ValidationError

SECONDS_OF_UNIT = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
TIME_LIMIT = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,8})h)?(?:(\d{1,9})m)?(?:(\d{1,10})s?)?\Z", re.ASCII | re.IGNORECASE)


def arguments_in(text: str) -> tuple[str, ...]:
    """Return the arguments of a line quoted as in a shell; nothing is expanded. Raises ValidationError."""
    try:
        return tuple(shlex.split(text, comments=False, posix=True))
    except ValueError as error:
        if "escaped" in str(error):
            raise ValidationError("The line ends with a backslash. Remove it, or double it to mean itself.") from error
        place = _unclosed_quote(text)
        raise ValidationError(
            f"The quote {text[place]} at character {place + 1} is not closed. Close it, or write \\{text[place]} to "
            "mean the character itself."
        ) from error


def line_of(arguments: tuple[str, ...] | list[str]) -> str:
    """Return the line that `arguments_in` reads as these arguments."""
    return shlex.join(arguments)


def seconds_in(text: str) -> int | None:
    """Return the seconds of "90s", "30m", "1h30m", "2d" or "90"; None for nothing. Raises ValidationError."""
    compact = text.replace(" ", "").replace(",", "")
    if not compact:
        return None
    found = TIME_LIMIT.match(compact)
    if found is None:
        raise ValidationError("Write a time like 90s, 30m, 1h30m or 2d. A number alone means seconds.")
    return sum(int(part) * unit for part, unit in zip(found.groups(), SECONDS_OF_UNIT.values(), strict=True) if part)


def time_in_words(seconds: int | None) -> str:
    """Return what `seconds_in` reads as these seconds."""
    if not seconds:
        return ""
    words = ""
    for unit, length in SECONDS_OF_UNIT.items():
        count, seconds = divmod(seconds, length)
        words += f"{count}{unit}" if count else ""
    return words


def tags_in(text: str) -> tuple[str, ...]:
    """Return the words between commas."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _unclosed_quote(text: str) -> int:
    """Return the place of the quote that opens and does not close, by the rules of a POSIX shell."""
    opened, place = -1, 0
    while place < len(text):
        character = text[place]
        if character == "\\" and (opened < 0 or text[opened] == '"'):
            place += 1
        elif opened >= 0 and character == text[opened]:
            opened = -1
        elif opened < 0 and character in "'\"":
            opened = place
        place += 1
    return opened
