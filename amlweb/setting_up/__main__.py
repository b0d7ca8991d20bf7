"""`python -m amlweb.setting_up [base|dev|sample|pages]…`: install what is named, or all that `make run` needs.

Steps whose lock file has not changed are skipped; the others go side by side. `AMLWEB_DATA_DIR` says where the sample
scripts' interpreter goes.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from amlweb.setting_up.npm import install_front_end
from amlweb.setting_up.steps import SetUpFailed, Step, install_locked

ROOT = Path(__file__).resolve().parent.parent.parent
FOR_RUNNING = ("base", "sample", "pages")


def packages(title: str, folder: Path, lock: str) -> Step:
    """Return the step that installs a lock file into a virtual environment."""
    source = ROOT / "requirements" / lock
    return Step(title, (source,), folder / f".{lock}", lambda: install_locked(folder / "bin" / "python", source))


def known_steps() -> dict[str, Step]:
    """Return all steps by name."""
    data_dir = Path(os.environ.get("AMLWEB_DATA_DIR") or ROOT / "var").absolute()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    page_sources = tuple(ROOT / name for name in ("package.json", "package-lock.json", "amlweb/npm_files.py"))
    return {
        "base": packages("the server's packages", ROOT / ".venv", "base.txt"),
        "dev": packages("the packages of checks and tests", ROOT / ".venv", "dev.txt"),
        "sample": packages("the sample project's packages", data_dir / "sample-python", "sample.txt"),
        "pages": Step(
            "the pages' packages", page_sources, ROOT / "static_npm" / ".stamp", lambda: install_front_end(ROOT)
        ),
    }


def main(names: list[str]) -> int:
    """Take the named steps and return the exit code."""
    steps = known_steps()
    with ThreadPoolExecutor() as pool:
        started = [pool.submit(steps[name].take) for name in names or FOR_RUNNING]
    problems = [problem for problem in (step.exception() for step in started) if problem]
    for problem in problems:
        if not isinstance(problem, SetUpFailed):
            raise problem
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
