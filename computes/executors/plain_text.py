"""Short texts out of what a script may have written."""

LONGEST = 500


def plain(text: object) -> str:
    """Return a text of at most 500 characters that can be stored and shown anywhere; of None the empty one."""
    shown = "" if text is None else str(text)[:LONGEST].encode("utf-8", "replace").decode()
    return "".join(character if character.isprintable() else "?" for character in shown)
