"""The watcher sees what is to be seen, with this, the oldest and the newest Python of this machine.

*contract*: driver and master are small programs here that answer as Spark's monitoring documentation says, so that each
moment can be held still. Real ones: `test_contract.py`, `test_kills.py`.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from computes.cluster_contract import ApplicationFacts, ClusterSettings, DeployMode
from computes.contract import Condition, Framework, Stream
from computes.executors.cluster.executor import ClusterExecutor
from computes.machines.local import LocalMachine
from tests.computes.on_targets import Bench, wait_for, wait_for_end
from tests.computes.test_supervisor_on_old_pythons import find_pythons

ID = "app-20260102030405-0007"
SUBMIT = '#!/bin/sh\nexec "$PYSPARK_DRIVER_PYTHON" "$3"\n'
DRIVER = """
import http.server, json, os, re, sys, time
import beside
conf = open(os.environ["AMLWEB_RUN_FOLDER"] + "/spark.conf").read()
port = int(re.search("^spark.ui.port=([0-9]+)", conf, re.M).group(1)) + 3
job = {"jobId": 0, "status": "RUNNING", "stageIds": [0, 1], "numTasks": 40, "numCompletedTasks": 7,
       "numSkippedTasks": 0, "numCompletedStages": 1, "numSkippedStages": 0}
replies = {"": [{"id": sys.argv[1]}], "/jobs": [job], "/executors": [{"id": "driver"}, {"id": "0"}]}
class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.split("/applications", 1)[1].replace("/" + sys.argv[1], "")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(replies[name]).encode())
    def log_message(self, *arguments):
        pass
server = http.server.HTTPServer(("127.0.0.1", port), Pages)
server.timeout = 0.2
while not os.path.exists("enough"):
    server.handle_request()
os.closerange(3, 256)  # our end, for the watcher; what it needs for its last look is no matter here
os.wait()
sys.exit(5)
"""


class Master:
    """A master that says of our application what the test wants it to."""

    def __init__(self) -> None:
        self.state = "WAITING"
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reply(self) -> dict[str, Any]:
        """Return the master's page as JSON."""
        worker = {"state": "ALIVE", "cores": 1, "coresfree": 0, "memory": 1024, "memoryfree": 0}
        app = {"id": ID, "state": self.state}
        lists = {"activeapps": [app], "completedapps": []}
        if self.state == "FINISHED":
            lists = {"activeapps": [], "completedapps": [app]}
        return {"status": "ALIVE", "workers": [worker], **lists}

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return what answers."""
        master = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(master.reply()).encode())

            def log_message(self, *arguments: object) -> None:
                """Nothing is printed."""

        return Page


@pytest.fixture
def master() -> Iterator[Master]:
    """A master for one test."""
    running = Master()
    yield running
    running.server.shutdown()
    running.server.server_close()


def bench_at(folder: Path, python: str, master: Master) -> Bench:
    """Return a bench whose spark-submit only becomes the driver."""
    for path, text in (("home/bin/spark-submit", SUBMIT), ("java/bin/java", "#!/bin/sh\n")):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
        (folder / path).chmod(0o755)
    cluster = ClusterSettings(
        master="spark://127.0.0.1:7077",
        deploy_mode=DeployMode.CLIENT,
        spark_home=str(folder / "home"),
        java_home=str(folder / "java"),
        configuration={"spark.master.ui.port": str(master.server.server_port)},
    )
    return Bench(folder, kind="cluster", python=python, framework=Framework.PYSPARK, cluster=cluster)


@pytest.mark.parametrize("python", list(dict.fromkeys([*find_pythons()[:2], find_pythons()[-1]])))
def test_an_application_is_seen_to_wait_to_move_and_to_end(python: str, master: Master, tmp_path: Path) -> None:
    executor = ClusterExecutor(LocalMachine())
    bench = bench_at(tmp_path, python, master)
    request = bench.request(DRIVER, ID, files={"beside.py": "", "deep/er.py": "", "data.csv": ""})
    executor.start(request)

    def facts() -> ApplicationFacts | None:
        status = executor.poll(request.address)
        assert status.condition is Condition.ALIVE, executor.read(request.address, Stream.LOG, 0, 1 << 16)
        return status.application

    seen = wait_for(lambda: (found := facts()) is not None and found.is_waiting and found, "an application that waits")
    assert isinstance(seen, ApplicationFacts)
    assert (seen.id, seen.state) == (ID, "WAITING")
    assert "no executor" in seen.why
    master.state = "RUNNING"
    expected = ApplicationFacts(ID, "", "RUNNING", False, "", stages_done=1, stages=2, tasks_done=7, tasks=40)
    wait_for(lambda: facts() == expected, "an application that moves")
    master.state = "FINISHED"
    (bench.run_folder(request.address) / "code" / "enough").touch()
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 5
    assert status.exit.steps == ()
    assert status.application == replace(expected, state="FINISHED")
    assert f"application {ID}: FINISHED" in executor.read(request.address, Stream.SYSTEM, 0, 1 << 16).decode()
    assert executor.read(request.address, Stream.LOG, 0, 1 << 16) == b""


def test_without_any_page_there_is_no_progress_and_no_failure(master: Master, tmp_path: Path) -> None:
    executor = ClusterExecutor(LocalMachine())
    bench = bench_at(tmp_path, find_pythons()[-1], master)
    master.server.shutdown()
    request = bench.request("import time\ntime.sleep(3)\nprint('done')\n")
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.application) == (0, None)
    assert executor.read(request.address, Stream.LOG, 0, 1 << 16) == b"done\n"
