"""What a YAML parser's complaint means in plain words, and what to do about it. Values are never repeated."""

import yaml

from projects.aml_config.problems import Problem

_COMPLAINTS = (
    ("character '\\t'", "A tab stands where YAML allows only blanks.", "Indent with blanks."),
    (
        "cannot start any token",
        "A value begins with a character that has another meaning in YAML (a tab, @, % or `).",
        "Indent with blanks, and put a value that begins with such a character in quotes.",
    ),
    ("mapping values are not allowed", "There is a second `: ` in this line.", "Put the value in quotes."),
    ("could not find expected ':'", "A key without a colon, or a text that is cut off.", "Write `name: value`."),
    ("unexpected end of stream", "A quoted text has no end.", "Add the closing quote."),
    ("did not find expected ',' or '", "A list or map in brackets is not closed.", "Add the missing comma or bracket."),
    ("expected ',' or '", "A list or map in brackets is not closed.", "Add the missing comma or bracket."),
    ("did not find expected key", "The indentation does not fit the lines above.", "Align the keys of a map."),
    ("expected <block end>", "The indentation does not fit the lines above.", "Align the keys of a map."),
    ("did not find expected '-' indicator", "The indentation does not fit the list above.", "Align the dashes."),
    ("node content", "A value is missing, or a bracket is not closed.", "Complete the value."),
    ("escape c", "A double-quoted text holds an escape that YAML does not know.", "Write \\\\ for a backslash."),
    ("unknown escape", "A double-quoted text holds an escape that YAML does not know.", "Write \\\\ for a backslash."),
    ("document start", "Something stands after the end of the document.", "Align the keys of a map."),
)


def problem_of(file: str, error: Exception) -> Problem:
    """Return the problem behind a parser's exception, at the parser's place when it names one."""
    mark = error.problem_mark or error.context_mark if isinstance(error, yaml.MarkedYAMLError) else None
    complaint = str(error.problem) if isinstance(error, yaml.MarkedYAMLError) else ""
    text, remedy = next(
        ((text, remedy) for fragment, text, remedy in _COMPLAINTS if fragment in complaint),
        ("This is not valid YAML.", "Look at this line and the one above it."),
    )
    if mark is None:
        return Problem("error", file, None, None, text, remedy)
    return Problem("error", file, mark.line + 1, mark.column + 1, text, remedy)
