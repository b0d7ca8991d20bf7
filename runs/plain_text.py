"""Log lines as plain text for readers without JavaScript: no colours, no terminal commands, bars collapsed."""

import re

# Strings (OSC, DCS, PM, APC, SOS) up to their end or the end of the line; CSI; other escapes; what is left over.
TERMINAL_COMMANDS = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|(?=\x1b)|$)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
LONGEST_LINE = 2_000


def plain_line(line: str) -> str:
    """Return a line without terminal commands; of carriage returns only what was written last stays."""
    text = TERMINAL_COMMANDS.sub("", line[: 50 * LONGEST_LINE])
    return next((piece for piece in reversed(text.split("\r")) if piece), "")


def clamp(text: str) -> tuple[str, int]:
    """Return a line's first characters and how many are left out."""
    return text[:LONGEST_LINE], max(len(text) - LONGEST_LINE, 0)
