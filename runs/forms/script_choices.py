"""The list of scripts to choose from, in two groups when it is long."""

from collections.abc import Collection

MOST_IN_ONE_LIST = 30


def script_choices(scripts: list[str], likely: Collection[str]) -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return the choices of the field, each script once. More than thirty are grouped, the likely ones first."""
    first = [(path, path) for path in scripts if path in likely]
    others = [(path, path) for path in scripts if path not in likely]
    nothing = ("", "Choose a script")
    if len(scripts) <= MOST_IN_ONE_LIST or not first or not others:
        return [nothing, *((path, path) for path in scripts)]
    return [nothing, ("Scripts", first), ("Other Python files", others)]
