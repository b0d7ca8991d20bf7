"""A wish about a target that is not granted."""


class TargetRefused(Exception):
    """A change of a target that cannot be made. `field` names the field of the form it belongs to, or is empty;
    `text` says why, `remedy` what to do; both are shown to the user."""

    def __init__(self, field: str, text: str, remedy: str) -> None:
        super().__init__(f"{text} {remedy}")
        self.field = field
        self.text = text
        self.remedy = remedy
