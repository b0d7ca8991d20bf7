"""Keeps the tokens of share links out of the server log, where addresses are written."""

import logging
import re

TOKEN_IN_ADDRESS = re.compile(r"(/share/)[A-Za-z0-9_-]{20,}")


def mask_tokens(text: str) -> str:
    """Return a text with the tokens in its addresses cut off."""
    return TOKEN_IN_ADDRESS.sub(r"\1…", text)


class TokenMaskingFilter(logging.Filter):
    """Masks tokens in whatever a handler is given."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without tokens."""
        record.msg = mask_tokens(str(record.msg))
        if isinstance(record.args, tuple):
            record.args = tuple(mask_tokens(value) if isinstance(value, str) else value for value in record.args)
        return True
