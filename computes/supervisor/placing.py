"""place: fill a folder with files whose contents the target has or is sent, whole or not at all."""

import os
import shutil

from .blobs import BlobCache, Damaged, cache_for, exact_modes
from .frames import BrokenFrame, Frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .blobs import Incoming  # noqa: F401 - named in a type comment


def place(request: "dict[str, Any]", frames: Frames) -> "dict[str, Any]":
    """Answer there, placed, or damaged; in between ask for the contents that are missing and take them in.

    The request has `path`, `folders`, and `files` as [path, mode, sha256, size].
    """
    target = str(request["path"])
    if os.path.isdir(target):
        return {"answer": "there"}
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, ".%s-%s.tmp" % (name, os.urandom(8).hex()))
    os.mkdir(temporary, 0o700)
    cache = None
    try:
        cache = BlobCache(cache_for(target) or os.path.join(temporary, "blobs"))
        take_in(cache, {digest: size for _, _, digest, size in request["files"]}, frames)
        content = os.path.join(temporary, "content")
        fill(content, request, cache)
        return {"answer": "placed" if rename_whole(content, target) else "there"}
    except Damaged as error:
        return {"answer": "damaged", "sha256": str(error)}
    finally:
        if cache is not None:
            cache.close()
        shutil.rmtree(temporary, ignore_errors=True)


def take_in(cache: BlobCache, sizes: "dict[str, int]", frames: Frames) -> None:
    """Ask for what is missing, and keep it. What comes is taken to its end, also when it cannot be kept."""
    missing = cache.missing(sizes)
    if not missing:
        return
    frames.send({"missing": missing})
    trouble = None  # type: OSError | Damaged | None
    incoming = None  # type: Incoming | None
    while True:
        frame = frames.receive()
        if frame is None:
            raise BrokenFrame("the channel broke off")
        header, data = frame
        if header.get("end"):
            break
        if trouble is not None:
            continue
        try:
            if "sha256" in header:
                digest = str(header["sha256"])
                incoming = cache.begin(digest, sizes.get(digest, 0))
            if incoming is None:
                raise BrokenFrame("a content without a name")
            incoming.add(data)
            if header.get("last"):
                incoming.keep()
                incoming = None
        except (OSError, Damaged) as error:
            trouble = error
            if incoming is not None:
                incoming.drop()
                incoming = None
    if trouble is not None:
        raise trouble


def fill(folder: str, request: "dict[str, Any]", cache: BlobCache) -> None:
    """Make the folder's own copies."""
    os.mkdir(folder, 0o700)
    inner = {os.path.dirname(path) for path, _, _, _ in request["files"]}
    for name in sorted(inner.union(request["folders"])):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    with exact_modes():
        for path, mode, digest, size in request["files"]:
            cache.copy(digest, size, os.path.join(folder, path), mode)


def rename_whole(temporary: str, target: str) -> bool:
    """Give the finished folder its name, unless somebody else was faster."""
    try:
        os.rename(temporary, target)
    except OSError:
        if os.path.isdir(target):
            return False
        raise
    return True
