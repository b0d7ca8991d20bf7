"""The names that a document writes in backticks, and whether the code has them.

What stands in backticks has one of six shapes; any other shape is a problem of the document:

    runs.status.MOVES           a dotted name that begins with a room: it can be imported
    runs/tasks.py               a path below a folder of the repository: it is there
    /projects/<slug>/files/     an address: the resolver has it, whatever its parameters are called
    manage.py up, make run      a command with its options: it exists
    AMLWEB_MODE=team            a variable and one of its values: both stand in the settings
    move, exit.json, outputs/   a word, or a path of words: something in the code is called so or says so
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from django.core.management import get_commands, load_command_class

from runs.routing import websocket_urlpatterns
from tests.rights.addresses import all_addresses, walk

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("amlweb", "projects", "computes", "runs")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
WORD = re.compile(r"\*?[.\w-]+")
PARAMETER = re.compile(r"\(\?P<\w+>(?:\[[^\]]*\]|[^)])*\)|<[^>]*>")
LOOKAHEAD = re.compile(r"\(\?!.*?\)")


def spans_of(text: str) -> list[str]:
    """Return what stands in backticks, fenced blocks left out."""
    return SPAN.findall(FENCE.sub("", text))


def listed_names(text: str) -> list[str]:
    """Return the first word of each line of the fenced blocks that name no language: folders laid out as lists."""
    lines = [line for language, block in FENCE.findall(text) if not language for line in block.splitlines()]
    return [line.split()[0] for line in lines]


def problem_with(span: str) -> str:
    """Return what is wrong with a name, or an empty text."""
    return checker_of(span)(span)


def checker_of(span: str) -> Callable[[str], str]:
    """Return the check for the shape of a name."""
    first = re.split(r"[./]", span)[0]
    if span.startswith(("manage.py ", "make ")):
        return problem_with_command
    if re.fullmatch(rf"({'|'.join(ROOMS)})(\.\w+)+", span):
        return problem_with_dotted_name
    if span.startswith("/"):
        return problem_with_address
    if (ROOT / span).is_file() or ("/" in span and first and (ROOT / first).is_dir()):
        return problem_with_path
    if re.fullmatch(r"[A-Z_]+=\w+", span):
        return problem_with_assignment
    return problem_with_words


def problem_with_dotted_name(name: str) -> str:
    """Import the longest module, then look its attributes up."""
    parts = name.split(".")
    found = None
    for length in range(len(parts), 0, -1):
        file = ROOT.joinpath(*parts[:length])
        if file.is_dir() or file.with_suffix(".py").is_file():
            found, parts = import_module(".".join(parts[:length])), parts[length:]
            break
    for part in parts:
        found = getattr(found, part, None)
    return "" if found is not None else f"{name} cannot be imported"


def problem_with_path(path: str) -> str:
    """Look for the file or folder."""
    return "" if (ROOT / path).exists() else f"{path} is not in the repository"


def problem_with_address(address: str) -> str:
    """Look for the address among all that the resolver and the websockets have."""
    return "" if PARAMETER.sub("<>", address) in known_addresses() else f"no page has the address {address}"


@cache
def known_addresses() -> frozenset[str]:
    """Return all addresses with their parameters blotted out."""
    routes = [address.route for address in [*all_addresses(), *walk(websocket_urlpatterns)]]
    return frozenset("/" + PARAMETER.sub("<>", LOOKAHEAD.sub("", route).strip("^$")) for route in routes)


def problem_with_command(text: str) -> str:
    """Look for the management command with its options, or for the target of the Makefile."""
    program, name, *options = text.split()
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return "" if name in targets and not options else f"there is no `{text}`"
    if name not in get_commands():
        return f"there is no command {name}"
    application = get_commands()[name]
    parser = load_command_class(str(application), name).create_parser("manage.py", name)
    unknown = [option for option in options if option.startswith("-") and option not in parser._option_string_actions]
    return f"{name} does not take {' '.join(unknown)}" if unknown else ""


def problem_with_assignment(text: str) -> str:
    """Look for the variable and its value in the settings."""
    said = words_in(ROOT / "amlweb" / "settings.py")
    unknown = [part for part in text.split("=") if part not in said]
    return f"the settings do not know {' or '.join(unknown)}" if unknown else ""


def problem_with_words(text: str) -> str:
    """Look for each word in the code."""
    words = [part for part in text.split("/") if part]
    if not words or not all(WORD.fullmatch(word) for word in words):
        return f"{text!r} has none of the shapes of a name"
    unknown = [word for word in words if word.lstrip("*") not in known_words()]
    return f"nothing in the code is called or says {' or '.join(unknown)}" if unknown else ""


@cache
def known_words() -> frozenset[str]:
    """Return every name that the rooms define and every word that they say."""
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py") if "samples" not in file.parts]
    return frozenset().union(*map(words_in, files))


def words_in(file: Path) -> frozenset[str]:
    """Return the names that a module defines, and the texts in it that are one word or a path of words.

    Docstrings and comments do not count: they could promise what is no longer there.
    """
    return frozenset(word for node in ast.walk(ast.parse(file.read_text())) for word in words_of(node))


def words_of(node: ast.AST) -> Iterator[str]:
    """Yield what a piece of code is called or says."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.id if isinstance(node, ast.Name) else node.attr
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value.strip():
        yield from (part for part in node.value.split("/") if part)
