"""The lock in the forms of other tools is read again by rattler, with every checksum."""

import json
import subprocess
import sys
from pathlib import Path

from computes.environments.exports import explicit_text, pixi_lock_text
from tests.computes.environments.conftest import Built

# In a process of its own, because py-rattler may crash where the interpreter ends.
READ_AGAIN = """
import json, os, sys
from rattler.explicit_environment import ExplicitEnvironmentSpec
from rattler.lock import LockFile
folder = sys.argv[1]
explicit = ExplicitEnvironmentSpec.from_path(folder + "/explicit.txt")
lock = LockFile.from_path(folder + "/pixi.lock")
packages = lock.default_environment().packages(lock.platforms()[0])
print(json.dumps({
    "explicit": [str(entry.url) for entry in explicit.packages],
    "platform": str(explicit.platform),
    "pixi": [[p.name, p.hashes.sha256.hex() if p.hashes else ""] for p in packages],
}))
sys.stdout.flush()
os._exit(0)
"""


def test_exports_are_read_again_by_rattler(built: Built, tmp_path: Path) -> None:
    (tmp_path / "explicit.txt").write_text(explicit_text(built.lock))
    (tmp_path / "pixi.lock").write_text(pixi_lock_text(built.lock, built.workshop.cache))
    argv = [sys.executable, "-c", READ_AGAIN, str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    read = json.loads(done.stdout)
    conda = [package for package in built.lock.packages if package.kind == "conda"]
    assert sorted(read["explicit"]) == sorted(f"{package.url}#{package.md5}" for package in conda)
    assert "linux-64" in read["platform"]
    assert sorted(read["pixi"]) == sorted([package.name, package.sha256] for package in built.lock.packages)
