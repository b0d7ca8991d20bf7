"""What the projects room refuses, and how it says so.

Exception
└── SourceRefused         something about the code cannot be taken; names the form field, says why and what to do
    └── EditConflict      somebody else changed the project since the page was opened
LookupError
└── FileNotInSnapshot     a path that a snapshot does not hold
"""


class SourceRefused(Exception):
    """Something that a person asked for cannot be done. Nothing was changed.

    `field` is the form field that it belongs to, `text` says what is wrong, `remedy` what to do about it.
    """

    def __init__(self, field: str, text: str, remedy: str) -> None:
        super().__init__(f"{text} {remedy}")
        self.field = field
        self.text = text
        self.remedy = remedy


class EditConflict(SourceRefused):
    """The project's code is no longer the one that the change was made for."""


class FileNotInSnapshot(LookupError):
    """The snapshot holds no file of this path."""
