"""Make an environment the shortest way by hand: `environment_by_hand.py CHANNEL CACHE PREFIX CONDA_SPECS PIP_SPECS`.

Solver and linker in this process, hard links into the cache, pip and compileall of the environment. Prints the seconds.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rattler


def pip(prefix: Path, *words: str) -> None:
    """Run the pip of a prefix."""
    subprocess.run([prefix / "bin/python", "-I", "-m", "pip", *words], check=True, stdout=sys.stderr)


async def solved(channel: str, repodata: Path, specs: list[str]) -> list[rattler.RepoDataRecord]:
    """Return the records of the packages."""
    gateway = rattler.Gateway(cache_dir=repodata)
    packages = rattler.VirtualPackage.detect()
    return await rattler.solve([channel], specs, gateway, ["linux-64", "noarch"], virtual_packages=packages)


def link(records: list[rattler.RepoDataRecord], prefix: Path, cache: Path) -> None:
    """Fetch and link."""
    asyncio.run(rattler.install(records, prefix, cache_dir=cache / "packages", show_progress=False))


def make(channel: str, cache: Path, prefix: Path, conda: list[str], wanted: list[str]) -> None:
    """Solve and build."""
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        records = asyncio.run(solved(channel, Path(folder, "repodata"), conda))
        scratch = Path(folder, "prefix")
        link(records, scratch, cache)
        pip(scratch, "install", "-q", "--dry-run", "--report", f"{folder}/report.json", *wanted)
        items = json.loads(Path(folder, "report.json").read_text())["install"]
    link(records, prefix, cache)
    facts = [(item["metadata"]["name"], item["download_info"]) for item in items]
    lines = [
        f"{name} @ {info['url']} --hash=sha256:{info['archive_info']['hashes']['sha256']}\n" for name, info in facts
    ]
    (cache / "requirements.txt").write_text("".join(lines))
    pip(prefix, "install", "-q", "--no-deps", "--no-compile", "--require-hashes", "-r", f"{cache}/requirements.txt")
    mode = ["--invalidation-mode", "unchecked-hash"]
    subprocess.run([prefix / "bin/python", "-I", "-m", "compileall", "-q", "-j0", *mode, prefix / "lib"], check=False)


began = time.perf_counter()
Path(sys.argv[2]).mkdir(exist_ok=True)
make(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4].split(), sys.argv[5].split())
print(time.perf_counter() - began, flush=True)
os._exit(0)  # py-rattler may crash where the interpreter ends
