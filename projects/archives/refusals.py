"""What an archive is refused with."""

from projects.errors import SourceRefused
from projects.path_rules import shown

FIELD = "archive"
PACK_AGAIN = "Pack the folder again as .zip or .tar.gz and upload that."


def refusal(text: str, remedy: str = PACK_AGAIN) -> SourceRefused:
    """Return what refuses the archive as a whole."""
    return SourceRefused(FIELD, text, remedy)


def entry_refusal(name: str, what: str, remedy: str = PACK_AGAIN) -> SourceRefused:
    """Return what refuses the archive because of one entry; `what` continues "The entry … "."""
    return SourceRefused(FIELD, f"The entry {shown(name)!r} {what}.", remedy)
