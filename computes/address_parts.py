"""How a target's name looks in an address."""

from django.urls import register_converter


class TargetName:
    """A target's name; `new` is the address of the page that attaches one."""

    regex = r"(?!new/)[A-Za-z0-9][A-Za-z0-9_.-]{0,59}"

    def to_python(self, value: str) -> str:
        """Return the name as it stands in the address."""
        return value

    def to_url(self, value: str) -> str:
        """Return the name as it is."""
        return value


register_converter(TargetName, "target")
