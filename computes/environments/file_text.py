"""From the bytes of a project's file to its text: by its byte order mark, as pip reads it, else as UTF-8."""

import codecs

from computes.environments.refusal import refuse

LARGEST_BYTES = 1_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_of(content: bytes, source: str) -> str:
    """Return the text of a file; bytes that are no text become U+FFFD. Raises PreparationFailed for more than
    LARGEST_BYTES, of which nothing is read."""
    if len(content) > LARGEST_BYTES:
        what = f"The file is larger than {LARGEST_BYTES:,} bytes."
        raise refuse(source, None, what, "Keep data and long comments out of it.")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    return content.decode("utf-8", "replace")
