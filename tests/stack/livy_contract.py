"""Livy by its contract: not Livy, but a server that answers as the public description of its REST interface says.

Sources, read in November 2026:
- livy.apache.org/docs/latest/rest-api.html (requests, answers, states of sessions);
- github.com/apache/incubator-livy, branch master: SessionServlet.scala (400 "Rejected, Reason: …", 404 "Session '7' not
  found.", "deleted", logs by from and size, a `from` below 0 for the last lines), SessionManager.scala ("Duplicate
  session name: Some(…)"; a deleted batch is forgotten at once, an ended one after a while), BatchSessionServlet.scala
  (fields of a batch), BatchSession.scala (states), CsrfFilter.scala (X-Requested-By), Session.scala (files of Livy's
  own disk are refused unless they are allowed), SparkYarnApp.scala (the log's headings, YARN's diagnostics, kill).

It starts the batch's file for real, with plain Python or with a spark-submit of this machine, as a process of its own
session: so the driver program and all behind it are real. YARN's queue, its kills and its second attempts are played;
archives are unpacked beside the driver as YARN does it, each under the name behind its #.
"""

import base64
import itertools
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.stack.contract_http import Asked, Reply, Service, serving
from tests.stack.processes import wait_until

UNPACKING = """
import os, sys, tarfile
count = int(sys.argv[1])
for path, name in zip(sys.argv[2 : 2 + count : 2], sys.argv[3 : 2 + count : 2]):
    with tarfile.open(path) as tar:
        tar.extractall(name, filter="tar")
os.execvp(sys.argv[2 + count], sys.argv[2 + count :])
"""
APPLICATION = "application_1700000000000_%04d"


@dataclass
class PlayedBatch:
    """A batch and the process that stands for its application."""

    id: int
    name: str
    body: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None
    is_killed: bool = False
    state: str = ""
    lines: list[str] = field(default_factory=list)

    def current_state(self) -> str:
        if self.state:
            return self.state
        if self.process is None:
            return "starting"
        code = self.process.poll()
        if code is None:
            return "running"
        return "killed" if self.is_killed else "success" if code == 0 else "dead"

    def view(self) -> dict[str, Any]:
        has_begun = self.process is not None
        page = f"http://yarn.example:8088/proxy/{APPLICATION % self.id}/"
        links = {"driverLogUrl": "http://node1.example:8042/logs" if has_begun else None, "sparkUiUrl": page}
        return {
            "id": self.id,
            "name": self.name,
            "owner": None,
            "proxyUser": self.body.get("proxyUser"),
            "state": self.current_state(),
            "appId": APPLICATION % self.id if has_begun else None,
            "appInfo": links if has_begun else {"driverLogUrl": None, "sparkUiUrl": None},
            "log": self.log()[-10:],
        }

    def log(self) -> list[str]:
        return ["stdout: ", *self.lines, "\nstderr: ", "\nYARN Diagnostics: "]


@dataclass
class LivyContract:
    """The server's state. `is_full`: applications wait in YARN's queue and none begins."""

    service: Service
    scratch: Path
    prefix: str = ""
    login: str = ""
    is_full: bool = False
    has_names: bool = True
    submit: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    batches: dict[int, PlayedBatch] = field(default_factory=dict)
    ever: list[PlayedBatch] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return self.service.address + self.prefix

    def answer(self, asked: Asked) -> Reply:
        expected = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        if self.login and asked.headers.get("Authorization") != expected:
            page = b"<html><body><h1>401 Unauthorized</h1></body></html>"
            return Reply(401, page, {"Content-Type": "text/html", "WWW-Authenticate": 'Basic realm="gateway"'})
        if self.prefix and not asked.path.startswith(self.prefix + "/"):
            return Reply(404, b"<html>not here</html>", {"Content-Type": "text/html"})
        if asked.method not in ("GET", "HEAD") and "X-Requested-By" not in asked.headers:
            return Reply(400, b"Missing Required Header for CSRF protection.", {"Content-Type": "text/html"})
        words = asked.path.removeprefix(self.prefix).strip("/").split("/")
        if words == ["version"]:
            return Reply.of({"version": "0.8.0-incubating", "user": "", "revision": "", "branch": "", "date": ""})
        if words[0] != "batches":
            return Reply(404, b"<html>not here</html>", {"Content-Type": "text/html"})
        with self.lock:
            if len(words) == 1:
                return self.post(asked) if asked.method == "POST" else self.page(asked)
            return self.one(asked, words[1], words[2] if len(words) > 2 else "")

    def page(self, asked: Asked) -> Reply:
        start, size = int(asked.query.get("from", 0)), int(asked.query.get("size", 100))
        views = [batch.view() for batch in list(self.batches.values())[start : start + size]]
        if not self.has_names:
            views = [{key: value for key, value in view.items() if key != "name"} for view in views]
        return Reply.of({"from": start, "total": len(self.batches), "sessions": views})

    def one(self, asked: Asked, number: str, part: str) -> Reply:
        batch = self.batches.get(int(number)) if number.isdigit() else None
        if batch is None:
            return Reply.of({"msg": f"Session '{number}' not found."}, 404)
        if asked.method == "DELETE":
            self.kill(batch)
            self.batches.pop(batch.id)
            return Reply.of({"msg": "deleted"})
        if part == "state":
            return Reply.of({"id": batch.id, "state": batch.current_state()})
        if part == "log":
            lines = batch.log()
            size, start = int(asked.query.get("size", 100)), int(asked.query.get("from", -1))
            start = max(0, len(lines) - size) if start < 0 else start
            kept = lines[start : start + size]
            return Reply.of({"id": batch.id, "from": start, "total": len(lines), "log": kept})
        return Reply.of(batch.view())

    def post(self, asked: Asked) -> Reply:
        body = asked.json()
        number = next(self.numbers)
        name = body.get("name", "")
        if self.has_names and name and any(batch.name == name for batch in self.batches.values()):
            return Reply.of({"msg": f"Rejected, Reason: Duplicate session name: Some({name})"}, 400)
        batch = PlayedBatch(number, name, body)
        self.batches[number] = batch
        self.ever.append(batch)
        if not self.is_full:
            self.begin(batch)
        else:
            batch.lines.append(f"INFO Client: Application report for {APPLICATION % number} (state: ACCEPTED)")
        return Reply.of(batch.view(), 201)

    def begin(self, batch: PlayedBatch, attempt: int = 1) -> None:
        """Start the batch's driver, as a node of the cluster would."""
        file = batch.body["file"] if self.submit else unquote(urlsplit(batch.body["file"]).path)
        properties = batch.body.get("conf", {})
        container = f"container_1700000000000_{batch.id:04d}_{attempt:02d}_000001"
        folder = Path(tempfile.mkdtemp(prefix=f"{container}-", dir=self.scratch))
        program = [properties.get("spark.pyspark.python", sys.executable)]
        if self.submit:
            settings = [word for name, value in properties.items() for word in ("--conf", f"{name}={value}")]
            modules = ",".join(batch.body.get("pyFiles", []))
            program = [*self.submit, "--name", batch.name, *settings, "--py-files", modules]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.scratch), "CONTAINER_ID": container}
        environment["LOCAL_DIRS"] = str(folder)
        environment |= {"SPARK_USER": "cluster", "TMPDIR": str(self.scratch), **self.environment}
        with (folder / "stdout").open("wb") as output:
            batch.process = subprocess.Popen(
                [*unpacking(batch.body.get("archives", [])), *program, file, *batch.body.get("args", [])],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        batch.lines.append(f"INFO Client: Submitting application {APPLICATION % batch.id} to ResourceManager")

    def begin_all(self) -> None:
        """Let the cluster have room again."""
        with self.lock:
            self.is_full = False
            for batch in self.batches.values():
                if batch.process is None:
                    self.begin(batch)

    def kill(self, batch: PlayedBatch) -> None:
        """Kill an application as a node manager does: TERM to the container's process group, soon KILL."""
        batch.is_killed = True
        if batch.process is None or batch.process.poll() is not None:
            return
        for number, seconds in ((signal.SIGTERM, 0.25), (signal.SIGKILL, 10)):
            try:
                os.killpg(batch.process.pid, number)
                batch.process.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    def forget(self) -> None:
        """Be started again without recovery: no batch is known, applications go on."""
        with self.lock:
            self.batches.clear()

    def end(self) -> None:
        """End whatever still runs."""
        for batch in self.ever:
            self.kill(batch)
            if batch.process is not None:
                wait_until(lambda batch=batch: batch.process.poll() is not None, "the end of a driver")  # type: ignore[misc]


def unpacking(archives: list[str]) -> list[str]:
    """Return what unpacks the archives of a batch in its container and becomes the driver; nothing without archives."""
    parts = [urlsplit(archive) for archive in archives]
    words = [word for each in parts for word in (unquote(each.path), each.fragment)]
    return [sys.executable, "-I", "-c", UNPACKING, str(len(words)), *words] if words else []


@contextmanager
def livy_contract(
    scratch: Path, *, prefix: str = "", login: str = "", tls: ssl.SSLContext | None = None
) -> Iterator[LivyContract]:
    """Play Livy on loopback until the block ends."""
    made: list[LivyContract] = []
    with serving(lambda asked: made[0].answer(asked), tls) as service:
        made.append(LivyContract(service, scratch, prefix, login))
        try:
            yield made[0]
        finally:
            made[0].end()
