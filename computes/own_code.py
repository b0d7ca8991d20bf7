"""Our own code that goes to targets: the supervisor, and what scripts may import."""

import hashlib
import marshal
import sys
from functools import lru_cache
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path

import computes
from computes.machines.contract import PlacedFile

COMPILED = ("supervisor",)
UNCHECKED = (1).to_bytes(4, "little")


@lru_cache
def own_code(name: str, inner: str) -> tuple[str, tuple[PlacedFile, ...]]:
    """Return the digest of the Python files of a folder beside this module, and what is placed below `inner`."""
    root = Path(computes.__file__).parent / name
    sources = sorted(root.rglob("*.py"))
    digest = hashlib.sha256()
    files = []
    for source in sources:
        path, content = (Path(inner) / source.relative_to(root)).as_posix(), source.read_bytes()
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
        files.append(PlacedFile(path, 0o644, content))
        if name in COMPILED:
            files.append(PlacedFile(compiled_path(path), 0o644, compiled(path, content)))
    return digest.hexdigest()[:16], tuple(files)


def compiled(path: str, content: bytes) -> bytes:
    """Return a module as this Python compiles it: in a container none can be, where its folder is mounted read-only.

    A Python of another version passes it over. Whether the source is the same is not asked at each start (PEP 552):
    the folder is named after it.
    """
    code = compile(content, path, "exec", dont_inherit=True, optimize=0)
    return MAGIC_NUMBER + UNCHECKED + source_hash(content) + marshal.dumps(code)


def compiled_path(path: str) -> str:
    """Return where this Python looks for a compiled module; what moves its own files elsewhere does not count."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
