"""The rules for what people type into a submission, each with the words that go beside its field."""

import re
from collections.abc import Iterable, Mapping

LONGEST_ARGUMENT_BYTES = 131_071  # Linux: MAX_ARG_STRLEN less its NUL
MOST_ARGUMENTS = 1_000
MOST_VARIABLES = 500
LONGEST_VARIABLES_BYTES = 1_000_000
LONGEST_NAME = 200
SHORTEST_SECRET = 4
MOST_TAGS = 20
LONGEST_TAG = 50
LONGEST_TIME_LIMIT_SECONDS = 366 * 86_400
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
RESERVED_PREFIX = "AMLWEB_"


class Findings:
    """What is wrong with a submission, collected field by field, so that everything is said at once."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def add(self, field: str, text: str) -> None:
        """Note one problem of one field."""
        self.errors.setdefault(field, []).append(text)


def is_sendable(text: str) -> bool:
    """Return whether a text can reach a program: no NUL, and nothing that is not a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def check_arguments(arguments: Iterable[str], findings: Findings) -> None:
    """Arguments arrive literally; only what no program can be given is refused."""
    arguments = list(arguments)
    if len(arguments) > MOST_ARGUMENTS:
        findings.add("arguments", f"There are {len(arguments)} arguments; at most {MOST_ARGUMENTS} can be given.")
    for position, argument in enumerate(arguments, start=1):
        if not is_sendable(argument):
            findings.add(
                "arguments", f"Argument {position} holds a NUL or a broken character, which no program can get."
            )
        elif len(argument.encode()) > LONGEST_ARGUMENT_BYTES:
            findings.add("arguments", f"Argument {position} is longer than 128 KiB; put it into a file of the project.")


def check_variables(variables: Mapping[str, str], field: str, findings: Findings) -> None:
    """Names are anything without `=` and NUL, except the ones that amlweb sets itself."""
    if len(variables) > MOST_VARIABLES:
        findings.add(field, f"There are {len(variables)} variables; at most {MOST_VARIABLES} can be given.")
    for name, value in variables.items():
        shown = name[:60]
        if not name or not is_sendable(name) or "=" in name or CONTROL.search(name) or len(name) > LONGEST_NAME:
            findings.add(field, f"{shown!r} cannot be the name of a variable: use letters, digits and underscores.")
        elif name.startswith(RESERVED_PREFIX):
            findings.add(field, f"{shown} is set by amlweb itself; choose a name that does not start with AMLWEB_.")
        elif not is_sendable(value):
            findings.add(field, f"The value of {shown} holds a NUL or a broken character, which no program can get.")
        elif len(value.encode()) > LONGEST_ARGUMENT_BYTES - LONGEST_NAME:
            findings.add(field, f"The value of {shown} is longer than 128 KiB; put it into a file of the project.")
    if sum(len(value) for value in variables.values()) > LONGEST_VARIABLES_BYTES:
        findings.add(field, "The variables hold more than 1 MB in all; put large values into a file of the project.")


def check_secrets(secrets: Mapping[str, str], variables: Mapping[str, str], findings: Findings) -> None:
    """Secrets follow the rules of variables; a very short one could not be masked in the log."""
    check_variables(secrets, "secret_variables", findings)
    for name, value in secrets.items():
        if name in variables:
            findings.add("secret_variables", f"{name[:60]} is given twice, once as a secret; give it once.")
        elif len(value) < SHORTEST_SECRET:
            findings.add(
                "secret_variables",
                f"The secret {name[:60]} has fewer than {SHORTEST_SECRET} characters, so it could not be masked in the "
                "log; use a longer one or an ordinary variable.",
            )


def check_tags(tags: Iterable[str], findings: Findings) -> tuple[str, ...]:
    """Return the tags without blanks around them and without repetitions."""
    clean = tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    if len(clean) > MOST_TAGS:
        findings.add("tags", f"There are {len(clean)} tags; at most {MOST_TAGS} can be given.")
    for tag in clean:
        if len(tag) > LONGEST_TAG or CONTROL.search(tag) or not is_sendable(tag) or "," in tag:
            findings.add("tags", f"{tag[:60]!r} cannot be a tag: at most {LONGEST_TAG} visible characters, no comma.")
    return clean


def check_description(description: str, findings: Findings) -> None:
    """A description is one short text."""
    if len(description) > 500:
        findings.add("description", "The description is longer than 500 characters; shorten it.")
    if not is_sendable(description):
        findings.add("description", "The description holds a NUL or a broken character; remove it.")


def check_time_limit(seconds: int | None, longest: int | None, findings: Findings) -> int | None:
    """Return the limit that holds: what was asked for, or the longest that is granted."""
    if seconds is None:
        return longest
    if not 1 <= seconds <= LONGEST_TIME_LIMIT_SECONDS:
        findings.add("time_limit_seconds", "The time limit must be between 1 second and 366 days.")
    elif longest is not None and seconds > longest:
        findings.add("time_limit_seconds", f"You may run for at most {longest} seconds on this target; ask for less.")
    return seconds
