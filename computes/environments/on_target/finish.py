"""Makes a prefix the same bit for bit each time: `python finish.py PREFIX`, or `... PREFIX SHARE` for one share of it.

What pip writes beside the packages is put in order, modes and times are fixed, and everything is compiled. What
marshal writes depends on what the process did before (measured: without this care, one of 600 files differed in one
build of five). So the files are compiled by a fixed number of processes, in a fixed order each, without garbage, and
none begins before all have loaded what they need themselves. Up to Python 3.10 the interpreter also holds the names
that types were asked for last, in places that depend on addresses: it forgets them before each file. Before Python
3.11 all depends on the hash seed too: PYTHONHASHSEED must be 0. At the end the folder that this file is in, with all
that was only needed for the build, is removed.

What these processes import is compiled once, into that folder: the first of them has written all of it before the
others begin, so each of those loads the same.
"""

import os
import sys

OWN = os.path.dirname(os.path.abspath(__file__))
if __name__ == "__main__" and hasattr(sys, "pycache_prefix"):
    sys.pycache_prefix, sys.dont_write_bytecode = os.path.join(OWN, "compiled"), False

import csv
import gc
import io
import py_compile
import shutil
import stat
import subprocess
from typing import List

SHARES = 4
MOMENT = 1767225600  # 2026-01-01, as SOURCE_DATE_EPOCH
OF_ONE_INSTALLATION = ("direct_url.json", "REQUESTED")
OLDEST_WITH_HASHES = (3, 7)


def main(prefix: str) -> int:
    """Put the whole prefix in order."""
    forget_where_pip_was(prefix)
    settle(prefix)
    quietly = ["-s", "-S", "-B", "-W", "ignore"]
    for folder in sorted({os.path.dirname(path) for path in sources_of(prefix)}):
        os.makedirs(os.path.join(folder, "__pycache__"), exist_ok=True)
    begun = [
        subprocess.Popen(
            [sys.executable, *quietly, os.path.abspath(__file__), prefix, str(share)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for share in range(SHARES)
    ]
    for program in begun:
        if program.stdout:
            program.stdout.readline()
    for program in begun:
        if program.stdin:
            program.stdin.close()
    codes = [program.wait() for program in begun]
    for program in begun:
        if program.stdout:
            program.stdout.close()
    if any(codes):
        return 1
    settle(prefix)
    shutil.rmtree(OWN)
    os.utime(prefix, (MOMENT, MOMENT))
    return 0


def forget_where_pip_was(prefix: str) -> None:
    """Remove the notes of one installation, also from RECORD, whose lines are put in order."""
    for folder, folders, files in os.walk(prefix):
        folders.sort()
        if not folder.endswith(".dist-info") or "INSTALLER" not in files:
            continue
        with open(os.path.join(folder, "INSTALLER")) as file:
            if file.read().strip() != "pip":
                continue
        dropped = [name for name in OF_ONE_INSTALLATION if name in files]
        for name in dropped:
            os.unlink(os.path.join(folder, name))
        if "RECORD" in files:
            order_record(os.path.join(folder, "RECORD"), [os.path.basename(folder) + "/" + name for name in dropped])


def order_record(path: str, dropped: List[str]) -> None:
    """Sort the lines of a RECORD and leave some out."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = sorted(row for row in csv.reader(file) if row and row[0] not in dropped)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(text.getvalue())


def settle(prefix: str) -> None:
    """Give every file and folder the mode and the time that it always has."""
    for folder, folders, files in os.walk(prefix, topdown=False):
        for name in files + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                os.chmod(path, 0o755 if mode & 0o100 else 0o644)
            os.utime(path, (MOMENT, MOMENT), follow_symlinks=False)
        os.chmod(folder, 0o755)
        os.utime(folder, (MOMENT, MOMENT))


def sources_of(prefix: str) -> List[str]:
    """Return every Python file of the libraries, in order."""
    found: List[str] = []
    for folder, folders, files in os.walk(os.path.join(prefix, "lib")):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        found.extend(os.path.join(folder, name) for name in sorted(files) if name.endswith(".py"))
    return [path for path in found if not os.path.islink(path)]


def compile_share(prefix: str, share: int) -> None:
    """Compile one file of SHARES. Files that are no valid Python are left out, as always.

    What marshal writes depends on who else holds an object, and so on when garbage is collected: between the files.
    What was there before the first file is no garbage, and looking at it each time would cost a third of all.
    """
    paths = sources_of(prefix)[share::SHARES]
    gc.collect()
    if sys.version_info >= OLDEST_WITH_HASHES:
        gc.freeze()
    gc.disable()
    print("ready", flush=True)
    sys.stdin.read()
    forget_names = getattr(sys, "_clear_type_cache", None)
    for path in paths:
        gc.collect()
        if forget_names is not None:
            forget_names()
        folder, name = os.path.split(path)
        compiled = os.path.join(folder, "__pycache__", name[:-3] + "." + str(sys.implementation.cache_tag) + ".pyc")
        try:
            if sys.version_info >= OLDEST_WITH_HASHES:
                unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
                py_compile.compile(path, compiled, doraise=True, invalidation_mode=unchecked)
            else:
                py_compile.compile(path, compiled, doraise=True)
        except (py_compile.PyCompileError, ValueError):
            continue


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(main(sys.argv[1]))
    compile_share(sys.argv[1], int(sys.argv[2]))
