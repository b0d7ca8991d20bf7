"""A head node with the commands of Hadoop and Spark in a folder. *contract*: see `yarn_programs.py`."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack.processes import wait_until

PROGRAMS = Path(__file__).with_name("yarn_programs.py")
STORAGE = "hdfs:///user/trainer/amlweb"
ID = "application_1700000000000_0007"


@dataclass(frozen=True)
class HeadNode:
    """The programs, and the folder that is their cluster."""

    root: Path

    @property
    def fake(self) -> Path:
        return self.root / "fake"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that a target with these programs has."""
        return {"FAKE": str(self.fake), "PATH": f"{self.root}/bin:{os.environ['PATH']}"}

    def install(self) -> None:
        """Put the programs in place."""
        self.fake.mkdir(parents=True)
        self.order()
        text = f"#!{sys.executable}\n{PROGRAMS.read_text(encoding='utf-8')}"
        for path in ("bin/hdfs", "bin/yarn", "home/bin/spark-submit", "java/bin/java"):
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("#!/bin/sh\n" if path.startswith("java") else text, encoding="utf-8")
            file.chmod(0o755)

    @contextmanager
    def resource_manager(self) -> Iterator[None]:
        """Have applications started by a process of the cluster's own, which lives on whoever submits them."""
        program = self.root / "bin" / "resource-manager"
        shutil.copy(self.root / "bin" / "yarn", program)
        manager = subprocess.Popen([program], env={**os.environ, **self.environment})
        try:
            wait_until((self.fake / "manager").is_dir, "a resource manager")
            yield
        finally:
            manager.kill()
            manager.wait()

    def order(self, *words: str) -> None:
        """Say what is to go wrong from now on."""
        (self.fake / "orders").write_text(" ".join(words), encoding="utf-8")

    def calls(self, program: str) -> list[dict[str, Any]]:
        """Return the calls of one of the programs."""
        path = self.fake / "calls"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = text[: text.rfind("\n") + 1].splitlines()  # behind the last end somebody may just be writing
        return [call for call in map(json.loads, lines) if call["program"] == program]

    def application(self) -> dict[str, Any]:
        """Return what the cluster knows of the application; empty without one."""
        path = self.fake / "app.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}

    def stored(self) -> list[str]:
        """Return what is in the storage."""
        top = self.fake / "hdfs"
        return sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file())

    def kill_from_outside(self) -> None:
        """Have the cluster kill the application, as an administrator does."""
        with (self.fake / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            found = self.application() | {"state": "KILLED", "final": "KILLED", "why": "killed by user root"}
            (self.fake / "app.json.killed").write_text(json.dumps(found), encoding="utf-8")
            (self.fake / "app.json.killed").replace(self.fake / "app.json")
            self.stop()

    def stop(self) -> None:
        """End what is left of the application."""
        for name in ("master", "driver"):
            with suppress(KeyError, ProcessLookupError):
                os.killpg(self.application()[name], signal.SIGKILL)
