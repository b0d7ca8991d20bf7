"""Which addresses a page of ours may lead a browser to."""

import re
from urllib.parse import urlsplit

LONGEST = 500
HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]+")


def is_page_address(text: str) -> bool:
    """Return whether a text is a whole address of the web without a login, and has nothing that belongs into none."""
    try:
        parts = urlsplit(text)
        is_link = parts.scheme in ("http", "https") and bool(HOST.fullmatch(parts.hostname or ""))
    except ValueError:
        return False
    is_plain = text.isprintable() and not set(' "<>\\`{}') & set(text)
    return is_link and is_plain and "@" not in parts.netloc and len(text) <= LONGEST


def page_address(found: object) -> str:
    """Return an address that a service has named, if a browser may be led there; else the empty text."""
    return found if isinstance(found, str) and is_page_address(found) else ""
