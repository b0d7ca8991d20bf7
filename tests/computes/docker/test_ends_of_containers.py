"""How a run in a container ends, and what is evidence of its end."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from computes.contract import Condition, RunFolderStatus, StopState, Stream
from computes.errors import TargetError
from computes.executors.docker import ending
from computes.executors.docker.container_config import plain_config
from computes.executors.docker.describing import NOBODY
from computes.executors.docker.engine import Engine
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.names import INSTALLATION, container_of, description_of
from computes.executors.run_placing import ask
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import wait_for, wait_for_end, wait_for_line
from tests.computes.python_scripts import WAIT
from tests.computes.test_out_of_memory import GREEDY
from tests.stack.base_image import PYTHON_IMAGE, import_image
from tests.stack.dockerd import Dockerd, dockerd

GREEDY_CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {GREEDY!r}])\nsys.exit(5)\n"
FORGE = """
import os, sys, time
folder, name, kind = os.environ["AMLWEB_RUN_FOLDER"], sys.argv[1], sys.argv[2]
record = '{"code": 0, "signal": null, "ended_by": "", "out_of_memory": false, "duration_seconds": 1,'
record += '"log_bytes": 6, "log_crc32": 1, "steps": []}'
for path in {name, "lock"} if kind == "forged" else {name}:
    os.unlink(os.path.join(folder, path))
if kind == "link":
    os.symlink("/etc/passwd", os.path.join(folder, name))
elif kind == "forged":
    open(os.path.join(folder, name), "w").write(record)
print("ready")
time.sleep(60)
"""


def wait_for_stopped_container(engine: Engine, name: str) -> None:
    wait_for(lambda: not (engine.inspect(name) or {"State": {"Running": False}})["State"]["Running"], "container's end")


@pytest.mark.parametrize(("script", "code"), [(GREEDY, 137), (GREEDY_CHILD, 5)], ids=["program", "child"])
def test_out_of_memory_is_the_kernels_word(
    executor: DockerExecutor, bench: DockerBench, script: str, code: int
) -> None:
    request = bench.with_container(memory_bytes=64 << 20).request(script)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.exit.out_of_memory, status.exit.ended_by) == (code, True, "")


@pytest.mark.parametrize("shared", [True, False], ids=["mounted", "copied"])
def test_a_container_that_is_killed_from_outside_did_not_run_out_of_memory(
    executor: DockerExecutor, bench: DockerBench, engine: Engine, shared: bool
) -> None:
    request = bench.with_container(is_shared=shared).request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    engine.kill(container_of(request.address))
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.exit.signal, status.exit.ended_by) == (137, 9, "")
    assert not status.exit.out_of_memory
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"ready\n"


def test_a_container_that_is_stopped_from_outside_has_an_exit_record(
    executor: DockerExecutor, bench: DockerBench, engine: Engine
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    engine.api.stop(container_of(request.address), timeout=20)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.exit.signal, status.exit.ended_by) == (143, 15, "")
    assert "from outside" in status.exit.steps[0][0]


@pytest.mark.parametrize("shared", [True, False], ids=["mounted", "copied"])
def test_a_container_that_is_removed_by_hand_is_a_loss_and_is_not_started_again(
    executor: DockerExecutor, bench: DockerBench, engine: Engine, shared: bool
) -> None:
    request = bench.with_container(is_shared=shared).request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    engine.remove(container_of(request.address), force=True)
    status = wait_for_end(executor, request.address)
    assert (status.condition, status.supervised) == (Condition.LOST, True)
    assert "docker rm" in status.why
    executor.start(request)
    assert executor.poll(request.address).condition is Condition.LOST
    assert executor.stop(request.address, 5).state is StopState.GONE
    executor.clean_up(request.address)
    assert executor.poll(request.address).condition is Condition.ABSENT


def test_a_run_folder_that_somebody_removed_does_not_end_a_living_run(
    executor: DockerExecutor, bench: DockerBench
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    shutil.rmtree(bench.run_folder(request.address))
    assert executor.poll(request.address).condition is Condition.ALIVE
    executor.start(request)
    with pytest.raises(TargetError, match="alive"):
        executor.clean_up(request.address)
    executor.run_of(request.address).engine.kill(container_of(request.address))
    assert wait_for_end(executor, request.address).condition is Condition.EXITED


def test_what_a_worker_left_that_was_killed_while_an_interpreter_was_asked_goes(
    executor: DockerExecutor, bench: DockerBench, engine: Engine
) -> None:
    request = bench.request("print('done')")
    executor.start(request)
    wait_for_end(executor, request.address)
    name, labels = description_of(request.address), {INSTALLATION: request.address.installation_id}
    config = plain_config(PYTHON_IMAGE, NOBODY, ["sleep", "600"], (), labels)
    for _ in range(2):  # the second answer is remembered
        engine.start(engine.create(name, config))
        assert executor.describe(request.address).version
        assert engine.inspect(name) is None


@pytest.mark.parametrize("name", ["state.json", "exit.json", "lock"])
@pytest.mark.parametrize("kind", ["forged", "link", "gone"])
def test_whatever_a_script_does_to_its_records_a_living_run_is_not_given_up(
    executor: DockerExecutor, bench: DockerBench, engine: Engine, name: str, kind: str
) -> None:
    request = bench.request(FORGE, name, kind)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    assert executor.poll(request.address).condition in (Condition.ALIVE, Condition.UNREACHABLE)
    engine.kill(container_of(request.address))
    wait_for_stopped_container(engine, container_of(request.address))


def test_a_container_that_heeds_no_cancel_is_killed(
    executor: DockerExecutor, bench: DockerBench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    engine.api.pause(container_of(request.address))
    assert executor.stop(request.address, 0).state is StopState.ENDING
    assert executor.poll(request.address).condition is Condition.ALIVE
    monkeypatch.setattr(ending, "PATIENCE_SECONDS", 0.0)
    receipt = executor.stop(request.address, 0)
    assert (receipt.state, receipt.text) == (StopState.ENDING, ending.KILLED)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.ended_by == "cancel"


def test_a_container_that_ends_at_once_was_not_gone_before_the_stop(
    executor: DockerExecutor, bench: DockerBench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")

    def ask_and_wait(*arguments: Any) -> Any:
        answer = ask(*arguments)
        wait_for_stopped_container(engine, container_of(request.address))
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(ending, "ask", ask_and_wait)
        assert executor.stop(request.address, 5).state is StopState.ENDING
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.ended_by == "cancel"
    assert executor.stop(request.address, 5).state is StopState.GONE


def test_a_program_that_ignores_term_and_its_daemons_are_killed_after_the_grace(
    executor: DockerExecutor, bench: DockerBench, engine: Engine
) -> None:
    request = bench.request(
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\nprint('ready')\ntime.sleep(60)"
    )
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    executor.stop(request.address, 0.2)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.exit.ended_by) == (137, "cancel")
    assert [text for text, _ in status.exit.steps][:3] == ["cancel seen, grace 0.2 s", "TERM", "KILL"]
    wait_for_stopped_container(engine, container_of(request.address))


def test_an_engine_that_does_not_answer_is_no_evidence(executor: DockerExecutor, bench: DockerBench) -> None:
    bench = bench.with_container(socket=str(bench.root / "no.sock"))
    status = executor.poll(bench.address())
    assert status.condition is Condition.UNREACHABLE
    assert "not running" in status.why
    items = {item.name: item for item in executor.check(bench.settings())}
    assert not items["Docker"].ok
    assert "systemctl start docker" in items["Docker"].remedy
    assert items["GPUs"].ok


def test_hostile_outputs_are_refused_out_of_a_volume(
    executor: DockerExecutor, bench: DockerBench, tmp_path: Path
) -> None:
    request = bench.with_container(is_shared=False).request(
        "import os\nos.chdir('outputs')\nos.symlink('/etc/passwd', 'link')\nos.mkfifo('pipe')\n"
        "open('kept', 'w').write('yes')\nos.link('kept', 'twice')\nos.mkdir('empty')\nopen('other', 'w').write('1')\n"
    )
    executor.start(request)
    wait_for_end(executor, request.address)
    found = {entry.path: entry for entry in executor.collect(request.address, tmp_path / "kept")}
    assert found["other"].size == 1
    assert found["link"].skipped == "it is a link"
    assert found["pipe"].skipped
    assert not (tmp_path / "kept/link").is_symlink()
    assert sorted(path.name for path in tmp_path.joinpath("kept").iterdir()) == ["kept", "other"]


@pytest.fixture(params=[True, False], ids=["live-restore", "without"])
def restartable(request: pytest.FixtureRequest) -> Iterator[Dockerd]:
    """Return an engine that a test may restart."""
    with dockerd(live_restore=request.param) as engine:
        import_image(engine.socket, PYTHON_IMAGE, with_python=True)
        yield engine


@pytest.mark.filterwarnings("ignore:.*unclosed <socket")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_restart_of_the_engine(executor: DockerExecutor, bench: DockerBench, restartable: Dockerd) -> None:
    bench = bench.with_container(socket=restartable.socket)
    request = bench.request("import time\nprint('ready')\ntime.sleep(60)")
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    restartable.stop()
    during: RunFolderStatus = executor.poll(request.address)
    gc.collect()  # the engine's client leaves a socket open that nobody listens on
    restartable.start()
    if restartable.live_restore:
        assert during.condition is Condition.ALIVE
        assert executor.poll(request.address).condition is Condition.ALIVE
        executor.stop(request.address, 5)
        status = wait_for_end(executor, request.address)
        assert status.exit is not None
        assert status.exit.ended_by == "cancel"
    else:
        status = wait_for_end(executor, request.address)
        assert status.exit is not None
        assert (status.exit.signal, status.exit.ended_by) == (15, "")
        assert "Docker itself is being stopped" in status.exit.steps[0][0]
    executor.clean_up(request.address)
