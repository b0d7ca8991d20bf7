"""Runs the supervisor from text that came over a channel. Nothing is written, so that a read-only home is enough.

This file is executed as text, with `stream` as its input: after it comes the length and the JSON of {module: text}.
"""

import importlib.abc
import importlib.util
import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, BinaryIO


class Texts(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules among texts."""

    def __init__(self, texts: "dict[str, str]") -> None:
        self.texts = texts

    def find_spec(self, name: str, path: "Any", target: "Any" = None) -> "Any":
        """Return how a module of ours is loaded, None for all others."""
        if name not in self.texts:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=name + ".frames" in self.texts)

    def exec_module(self, module: "ModuleType") -> None:
        """Fill a module."""
        code = compile(self.texts[module.__name__], module.__name__, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - this is how a module is loaded


def serve_from(stream: "BinaryIO", greeting: str) -> None:
    """Load the supervisor, greet, and serve until the channel closes."""
    texts = json.loads(stream.read(int(stream.readline())).decode("ascii"))
    sys.meta_path.insert(0, Texts(texts))
    serve = importlib.import_module("supervisor.serve").serve
    sys.stdout.buffer.write(greeting.encode("ascii"))
    sys.stdout.buffer.flush()
    serve(stream, sys.stdout.buffer)
