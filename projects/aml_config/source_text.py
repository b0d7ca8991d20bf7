"""From the bytes of a configuration file to text that a parser may safely be given.

Refused with line, column and remedy: more than 1 MB, UTF-16, other encodings than UTF-8, characters that YAML does
not allow, `%` directives (a list of %TAG lines costs the parser quadratic time). A byte order mark is dropped.
"""

import re

from projects.aml_config.problems import AmlConfigError, Problem

MAXIMUM_BYTES = 1_000_000
BYTE_ORDER_MARK = "\ufeff"

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SAVE_AS_UTF8 = "Save the file as UTF-8."


def checked_text(file: str, source: bytes | str) -> str:
    """Return the text of a file without its byte order mark. Raises AmlConfigError."""
    if len(source) > MAXIMUM_BYTES:
        text = f"The file is larger than {MAXIMUM_BYTES:,} bytes."
        raise AmlConfigError(Problem("error", file, None, None, text, "Keep data and long comments out of it."))
    text = _decoded(file, source) if isinstance(source, bytes) else source
    text = text.removeprefix(BYTE_ORDER_MARK)
    if found := _FORBIDDEN.search(text):
        what = f"The character U+{ord(found[0]):04X} is not allowed here."
        remedy = "Remove it, or write it as an escape in a double-quoted value."
        raise _error_at(file, text, found.start(), what, remedy)
    if found := _DIRECTIVE.search(text):
        raise _error_at(file, text, found.start(), "A line that begins with % is a YAML directive.", "Remove the line.")
    return text


def _decoded(file: str, source: bytes) -> str:
    if source.startswith(_UTF16_MARKS) or b"\0" in source[:4]:
        raise AmlConfigError(Problem("error", file, 1, 1, "The file is encoded as UTF-16 or UTF-32.", _SAVE_AS_UTF8))
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start].decode()
        what = f"The byte 0x{source[error.start]:02X} is not UTF-8; the file has another encoding."
        raise _error_at(file, before, len(before), what, _SAVE_AS_UTF8) from error


def _error_at(file: str, text: str, offset: int, what: str, remedy: str) -> AmlConfigError:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return AmlConfigError(Problem("error", file, line, column, what, remedy))
