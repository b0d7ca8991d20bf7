"""How the fields of a long form are grouped on its page."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BaseForm, BoundField


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields: rows of one or two names. `key` names it in styles and templates; one with words in `folds` is
    shut behind them until something is said in it."""

    key: str
    title: str
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    folds: str = ""


@dataclass(frozen=True, slots=True)
class BoundSection:
    """A section with the fields that a form has of it."""

    section: Section
    rows: list[list[BoundField]]

    @property
    def is_shut(self) -> bool:
        """Return whether nobody has to look at it."""
        return (
            bool(self.section.folds)
            and not self.has_errors
            and not any(field.value() for row in self.rows for field in row)
        )

    @property
    def has_errors(self) -> bool:
        """Return whether a field of it was refused."""
        return any(field.errors for row in self.rows for field in row)


def sections_of(form: BaseForm, sections: tuple[Section, ...]) -> Iterator[BoundSection]:
    """Yield the sections of which a form has fields, without the fields that it has not."""
    for section in sections:
        rows = [[form[name] for name in row if name in form.fields] for row in section.rows]
        if filled := [row for row in rows if row]:
            yield BoundSection(section, filled)
