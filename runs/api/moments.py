"""Times as the API writes them."""

from datetime import UTC, datetime


def moment(at: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with milliseconds, or None."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
