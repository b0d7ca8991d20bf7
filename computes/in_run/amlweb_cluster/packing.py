"""Packs the environment into one file that Spark sends to the nodes: once for each environment and head node.

WORK_FOLDER/packs/HASH.tar.gz   the pack, whole or not there; its time of change is when it was last wanted
WORK_FOLDER/packs/.HASH.lock    held by who packs
"""

import fcntl
import os
import sys

BEGINNING = "Packing the environment for the nodes of the cluster; later runs find the pack.\n"
OLDEST = (3, 9)
TOO_LARGE = "The packed environment has {:,.0f} MB, and at most {:,.0f} MB may be sent to a cluster with every run."
TOO_LARGE_REMEDY = "Ask for fewer packages, or let an administrator raise AMLWEB_PACKED_ENVIRONMENT_BYTES."


class PackingFailed(Exception):
    """There is no pack, and the text says why and what to do."""


def ensure_pack(prefix: str, pack: str, packer: str, largest_bytes: int) -> None:
    """Return when the pack is there and not too large. Raises PackingFailed and OSError.

    `packer` is the folder that has conda-pack; it is loaded into this Python, which is the environment's own. Who comes
    second waits for the first; what a killed packer left is removed.
    """
    if is_there(pack):
        refuse_too_large(pack, largest_bytes)
        return
    folder, name = os.path.split(pack)
    stem = name.split(".", 1)[0]
    os.makedirs(folder, 0o700, exist_ok=True)
    lock = os.open(os.path.join(folder, ".%s.lock" % stem), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_there(pack):
            refuse_too_large(pack, largest_bytes)
            return
        sys.stderr.write(BEGINNING)
        sys.stderr.flush()
        for left in os.listdir(folder):
            if left.startswith(".%s-" % stem):
                os.unlink(os.path.join(folder, left))
        temporary = os.path.join(folder, ".%s-%d.tar.gz" % (stem, os.getpid()))
        try:
            make_pack(prefix, temporary, packer)
            refuse_too_large(temporary, largest_bytes)
            os.rename(temporary, pack)
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)
    finally:
        os.close(lock)


def too_large(size: int, largest: int) -> str:
    """Return in words that a pack is larger than it may be; empty where it is not."""
    return TOO_LARGE.format(size / 1e6, largest / 1e6) if size > largest else ""


def refuse_too_large(pack: str, largest: int) -> None:
    """Raise PackingFailed for a pack that is larger than it may be."""
    problem = too_large(os.path.getsize(pack), largest)
    if problem:
        raise PackingFailed("%s %s" % (problem, TOO_LARGE_REMEDY))


def is_there(pack: str) -> bool:
    """Whether there is a pack; it is wanted now."""
    try:
        os.utime(pack)
    except FileNotFoundError:
        return False
    return True


def make_pack(prefix: str, into: str, packer: str) -> None:
    """Pack with conda-pack. Raises PackingFailed.

    It is given the files themselves, each to be looked into for the prefix's path: our notes of conda's packages do not
    say where their archives are, so it could not find them by these.
    """
    if sys.version_info < OLDEST:
        raise PackingFailed(
            "conda-pack needs Python 3.9 or newer, and the environment has Python %d.%d. "
            "Ask for a newer Python in the conda dependencies." % sys.version_info[:2]
        )
    sys.path.insert(0, packer)
    try:
        import conda_pack  # noqa: PLC0415 - from where it was placed, and only when it is needed

        found = [conda_pack.File(os.path.join(prefix, path), path, file_mode="unknown") for path in paths_below(prefix)]
        conda_pack.CondaEnv(prefix, found).pack(output=into, format="tar.gz", n_threads=-1)
    except ImportError as error:
        raise PackingFailed("conda-pack does not load there: %s. Build the environment again." % error) from error
    except conda_pack.CondaPackException as error:
        raise PackingFailed("%s. Build the environment again." % str(error).strip()[:500]) from error
    finally:
        sys.path.remove(packer)


def main(arguments: "list[str]") -> int:
    """Pack a prefix into a file: PREFIX INTO PACKER. What is in the way goes to standard error, with exit code 1."""
    try:
        make_pack(*arguments)
    except (PackingFailed, OSError) as error:
        sys.stderr.write("%s\n" % error)
        return 1
    return 0


def paths_below(prefix: str) -> "list[str]":
    """Return what a pack holds, relative to the prefix: files, links and empty folders."""
    found = []
    for parent, folders, files in os.walk(prefix):
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        names = files + links if files or folders or parent == prefix else [""]
        found += [os.path.normpath(os.path.join(os.path.relpath(parent, prefix), name)) for name in names]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
