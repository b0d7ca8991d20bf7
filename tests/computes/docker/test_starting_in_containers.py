"""What a program finds in its container, and what it does not."""

import fcntl
import json
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Condition, ExecutionRequest, Framework, StopState, Stream
from computes.errors import (
    ImageMissing,
    InterpreterNotFound,
    PreparationFailed,
    StartFailed,
    StartRefused,
    TargetError,
    TargetUnreachable,
    TransferFailed,
)
from computes.executors.docker import starting
from computes.executors.docker.copied_records import CopiedRecords
from computes.executors.docker.engine import Engine
from computes.executors.docker.engine_socket import engine_socket
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.names import container_of, volume_of
from computes.executors.docker.run_in_container import RunInContainer
from computes.machines.local import LocalMachine
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import wait_for, wait_for_end, wait_for_line
from tests.computes.test_starting_runs import ECHO, HOSTILE
from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE

LOOK_AROUND = """
import json, os
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(json.dumps({"cwd": os.getcwd(), "uid": os.getuid(), "gid": os.getgid(),
    "caps": status["CapEff"] + status["CapBnd"],
    "privileges": status["NoNewPrivs"], "pids": len([p for p in os.listdir("/proc") if p.isdigit()]),
    "environment": dict(os.environ), "writable": os.access("/amlweb/supervisor", os.W_OK)}))
open("outputs/made", "w").close()
"""


@pytest.fixture(params=["mounted", "copied"])
def either(request: pytest.FixtureRequest, bench: DockerBench) -> DockerBench:
    """Return a bench with mounted and one with copied folders."""
    return bench.with_container(is_shared=request.param == "mounted")


def test_hostile_arguments_and_variables_arrive_literally(executor: DockerExecutor, either: DockerBench) -> None:
    script = ECHO + "; import os; print(os.environ['HOSTILE'] == '$(id)\\n\\'\"', os.environ['TOKEN'])"
    request = either.request(script, *HOSTILE, environment={"HOSTILE": "$(id)\n'\""}, secrets={"TOKEN": "a b"})
    executor.start(request)
    wait_for_end(executor, request.address)
    echoed, seen = executor.read(request.address, Stream.LOG, 0, 1 << 20).splitlines()
    assert json.loads(echoed) == HOSTILE
    assert seen == b"True a b"


def test_a_program_is_nobody_of_importance(executor: DockerExecutor, either: DockerBench) -> None:
    request = either.request(LOOK_AROUND)
    executor.start(request)
    wait_for_end(executor, request.address)
    seen = json.loads(executor.read(request.address, Stream.LOG, 0, 1 << 20))
    expected = (os.getuid(), os.getgid()) if os.getuid() else (65534, 65534)
    assert (seen["uid"], seen["gid"]) == expected
    assert int(seen["caps"], 16) == 0
    assert seen["privileges"] == "1"
    assert seen["pids"] <= 4
    assert not seen["writable"]
    assert seen["environment"]["HOME"].endswith("/home")
    assert seen["environment"]["USER"] == seen["environment"]["LOGNAME"] == "amlweb"
    assert seen["environment"]["AMLWEB_OUTPUTS"] == "/azureml-run/outputs"
    assert "PYTEST_CURRENT_TEST" not in seen["environment"]
    assert seen["cwd"] == "/azureml-run"
    if either.container.is_shared:
        made = (either.run_folder(request.address) / "code/outputs/made").stat()
        assert (made.st_uid, made.st_gid) == expected


def test_secrets_and_variables_are_not_in_what_the_engine_shows(
    executor: DockerExecutor, either: DockerBench, engine: Engine
) -> None:
    script = "import os, time; assert os.environ['TOKEN']; print('ready'); time.sleep(60)"
    request = either.request(script, "argument-of-the-user", environment={"V": "plain"}, secrets={"TOKEN": "hush-hush"})
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    shown = json.dumps(engine.inspect(container_of(request.address)))
    assert "hush-hush" not in shown
    assert "argument-of-the-user" not in shown
    assert not any(variable.startswith("V=") for variable in json.loads(shown)["Config"]["Env"])
    assert executor.run_of(request.address).engine.inspect(container_of(request.address)) is not None
    if either.container.is_shared:
        assert not list(either.run_folder(request.address).glob("*secrets*"))
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)


def test_the_limits_of_the_target_are_the_containers(
    executor: DockerExecutor, bench: DockerBench, engine: Engine
) -> None:
    bench = bench.with_container(
        cpus=0.5, memory_bytes=64 << 20, shm_bytes=8 << 20, most_processes=50, user="1234:1235"
    )
    request = bench.request("import os; print(os.getuid(), os.getgid(), os.statvfs('/dev/shm').f_blocks * 4096)")
    executor.start(request)
    wait_for_end(executor, request.address)
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"1234 1235 8388608\n"
    facts = engine.inspect(container_of(request.address))
    assert facts is not None
    host = facts["HostConfig"]
    assert (host["NanoCpus"], host["Memory"], host["MemorySwap"]) == (500_000_000, 64 << 20, 64 << 20)
    assert (host["PidsLimit"], host["Privileged"], host["AutoRemove"]) == (50, False, False)
    assert (host["CapDrop"], host["SecurityOpt"]) == (["ALL"], ["no-new-privileges"])


@pytest.mark.parametrize("user", ["0:0", "0", "1000:0", "root", "1000:x"])
def test_a_container_never_runs_as_root(executor: DockerExecutor, bench: DockerBench, user: str) -> None:
    with pytest.raises(StartFailed, match="above 0"):
        executor.start(bench.with_container(user=user).request(ECHO))


def test_the_share_folder_is_kept_between_runs_and_belongs_to_the_program(
    executor: DockerExecutor, bench: DockerBench
) -> None:
    bench = replace(bench, native_shared_directory=str(bench.root / "share"))
    script = "import os; p = os.environ['AZUREML_NATIVE_SHARE_DIRECTORY']; open(p + 'n', 'a').write('x'); print(p)"
    for _ in range(2):
        request = bench.request(script)
        executor.start(request)
        wait_for_end(executor, request.address)
        assert executor.read(request.address, Stream.LOG, 0, 99) == b"/azureml-share/\n"
    assert (bench.root / "share/iris/n").read_text() == "xx"


def test_a_share_folder_without_mounted_folders_is_refused(executor: DockerExecutor, bench: DockerBench) -> None:
    bench = replace(bench.with_container(is_shared=False), native_shared_directory=str(bench.root / "share"))
    with pytest.raises(StartFailed, match="sharedVolumes is false"):
        executor.start(bench.request(ECHO))


def test_the_check_says_that_a_share_folder_needs_mounted_folders(
    executor: DockerExecutor, bench: DockerBench, tmp_path: Path
) -> None:
    for is_shared in (True, False):
        settings = bench.with_container(is_shared=is_shared).settings()
        items = executor.check(replace(settings, native_shared_directory=str(tmp_path / "share")))
        found = next(item for item in items if item.name == "Shared directory")
        assert found.ok is is_shared
        assert ("sharedVolumes" in found.remedy) is not is_shared


def test_a_missing_image_is_explained(executor: DockerExecutor, bench: DockerBench) -> None:
    request = bench.with_container(image="amlweb-test/none:1").request(ECHO)
    with pytest.raises(PreparationFailed, match="not on the target"):
        executor.start(request)
    with pytest.raises(ImageMissing) as caught:
        executor.prepare(request, print)
    assert caught.value.remedy


@pytest.mark.parametrize("python", ["python9", "/no/such/python", "/etc/passwd"])
def test_a_missing_python_names_the_key_to_change(executor: DockerExecutor, bench: DockerBench, python: str) -> None:
    request = replace(bench, python=python).request(ECHO)
    for _ in range(2):
        with pytest.raises(InterpreterNotFound) as caught:
            executor.start(request)
        assert "pythonLocation" in caught.value.remedy
    assert executor.poll(request.address).condition is Condition.ABSENT
    assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED


def test_a_bare_image_has_no_python(executor: DockerExecutor, bench: DockerBench) -> None:
    with pytest.raises(InterpreterNotFound):
        executor.start(bench.with_container(image=BARE_IMAGE).request(ECHO))


def test_gpus_that_are_not_there_are_explained(executor: DockerExecutor, bench: DockerBench) -> None:
    with pytest.raises(StartFailed, match="GPUs were asked for"):
        executor.start(bench.with_container(gpus="all").request(ECHO))
    with pytest.raises(StartFailed, match="gpus of the target"):
        executor.start(bench.with_container(gpus="many").request(ECHO))


def test_more_cpus_than_there_are_are_explained(executor: DockerExecutor, bench: DockerBench) -> None:
    with pytest.raises(StartFailed, match="more CPUs than the machine has") as failure:
        executor.start(bench.with_container(cpus=5000).request("pass"))
    assert failure.value.remedy == "Set CPUs of the target to what the machine has, or less."


def test_pyspark_in_an_image_without_spark_is_refused_in_words(executor: DockerExecutor, bench: DockerBench) -> None:
    request = replace(bench.request(ECHO), framework=Framework.PYSPARK)
    with pytest.raises(PreparationFailed, match="There is no Spark: /usr/local/bin/python3 has no pyspark") as caught:
        executor.start(request)
    assert "pip install pyspark" in caught.value.remedy
    assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED


def test_an_environment_that_is_gone_is_not_replaced_by_an_empty_one(
    executor: DockerExecutor, bench: DockerBench
) -> None:
    with pytest.raises(PreparationFailed, match="environment"):
        executor.start(replace(bench.request(ECHO), environment_hash="0" * 16))


@pytest.mark.parametrize("step", ["require_image", "admit", "run_config", "make", "begin"])
@pytest.mark.parametrize("deed", ["stop", "clean_up"])
def test_a_launch_that_freezes_anywhere_starts_nothing_after_a_stop(
    executor: DockerExecutor, either: DockerBench, monkeypatch: pytest.MonkeyPatch, step: str, deed: str
) -> None:
    request = either.request("open('ran', 'w')")
    address = request.address
    real = getattr(starting, step)

    def freeze(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(starting, step, real)
        if deed == "stop":
            assert executor.stop(address, 5).state is StopState.NEVER_STARTED
        else:
            executor.clean_up(address)
        return real(*arguments, **named)

    monkeypatch.setattr(starting, step, freeze)
    with pytest.raises(StartRefused):
        executor.start(request)
    assert executor.poll(address).condition is Condition.ABSENT
    assert RunInContainer(executor.machine, executor.engine_of(address.settings), address).inspect() is None
    assert executor.engine_of(address.settings).volume(volume_of(address)) is None, "secrets may be in it"
    assert not list(either.work.rglob("ran"))


@pytest.mark.parametrize("step", ["run_config", "make", "begin"])
def test_a_launch_that_freezes_while_another_one_runs_the_script_leaves_that_one_alone(
    executor: DockerExecutor, either: DockerBench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    request = either.request("import time; print('ready', flush=True); time.sleep(60)", secrets={"TOKEN": "hush-hush"})
    address = request.address
    real = getattr(starting, step)

    def freeze(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(starting, step, real)
        executor.start(request)
        wait_for_line(executor, address, b"ready\n")
        executor.stop(address, 5)
        wait_for_end(executor, address)
        return real(*arguments, **named)

    monkeypatch.setattr(starting, step, freeze)
    executor.start(request)
    run = executor.run_of(address)
    facts, status = run.inspect(), executor.poll(address)
    assert facts is not None
    assert status.exit is not None
    assert (status.condition, status.exit.ended_by, facts["State"]["ExitCode"]) == (Condition.EXITED, "cancel", 143)
    assert executor.read(address, Stream.LOG, 0, 99) == b"ready\n"
    assert not list(either.work.rglob("*secrets*"))
    assert not CopiedRecords(run).read_remains("secrets.json", 0, 99)


def test_what_a_launch_has_placed_that_was_killed_before_its_admission_goes_with_the_next(
    executor: DockerExecutor, bench: DockerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.request("import time; print('ready', flush=True); time.sleep(60)", secrets={"TOKEN": "hush-hush"})

    def die(*_: object) -> dict[str, object]:
        raise TargetUnreachable("The launch was killed.", "")

    with monkeypatch.context() as patched:
        patched.setattr(starting, "admit", die)
        with pytest.raises(TargetUnreachable):
            executor.start(request)
    assert list(bench.work.rglob("*secrets.json"))
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    assert [path.name for path in (bench.work / "runs").iterdir()] == [bench.run_folder(request.address).name]
    assert not list(bench.work.rglob("*secrets.json"))
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)


class OvertakenMachine(LocalMachine):
    """A machine on which another launch of the same run is admitted while this one places its secrets."""

    def __init__(self, executor: DockerExecutor, request: ExecutionRequest) -> None:
        self.executor = executor
        self.request = request

    def write(self, path: str, data: bytes) -> None:
        if path.endswith("/secrets.json"):
            self.executor.start(self.request)
            Path(path).parent.mkdir()  # the other one has not removed all of it yet
            raise TransferFailed("The folder is gone.", "")
        super().write(path, data)


def test_a_launch_whose_things_another_one_removes_while_it_places_them_finds_that_one(
    executor: DockerExecutor, bench: DockerBench
) -> None:
    request = bench.request("import time; print('ready', flush=True); time.sleep(60)", secrets={"TOKEN": "hush-hush"})
    late = DockerExecutor(OvertakenMachine(executor, request), engine_socket)
    late.start(request)
    late.close()
    wait_for_line(executor, request.address, b"ready\n")
    assert [path.name for path in (bench.work / "runs").iterdir()] == [bench.run_folder(request.address).name]
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)


def test_a_launch_that_finds_another_one_half_way_says_how_that_ends(
    executor: DockerExecutor, bench: DockerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.request("print('never')")
    folder = bench.run_folder(request.address)
    begin, wait_for_answer = starting.begin, starting.wait_for_answer
    held: list[int] = []

    def begin_and_die(run: RunInContainer, interpreter: str) -> None:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        os.fchmod(lock, 0o666)
        fcntl.flock(lock, fcntl.LOCK_EX)  # the supervisor waits for it, some seconds
        held.append(lock)
        begin(run, interpreter)
        raise TargetUnreachable("The launch was killed.", "")

    def let_go_and_wait(run: RunInContainer, request: ExecutionRequest) -> None:
        os.close(held.pop())
        wait_for_answer(run, request)

    monkeypatch.setattr(starting, "begin", begin_and_die)
    with pytest.raises(TargetUnreachable):
        executor.start(request)
    (folder / "spec.json").unlink()
    monkeypatch.setattr(starting, "wait_for_answer", let_go_and_wait)
    assert executor.poll(request.address).condition is Condition.STARTING
    with pytest.raises(StartFailed):
        executor.start(request)
    assert not held
    wait_for(lambda: executor.stop(request.address, 5).state is StopState.NEVER_STARTED, "end of the container")


def test_a_container_that_is_removed_after_its_launch_was_killed_is_known_to_have_run(
    executor: DockerExecutor, either: DockerBench, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    request = either.request("import time; print('ready', flush=True); time.sleep(60)")
    wait_for_answer = starting.wait_for_answer

    def wait_and_die(run: RunInContainer, request: ExecutionRequest) -> None:
        wait_for_answer(run, request)
        raise TargetUnreachable("The launch was killed.", "")

    monkeypatch.setattr(starting, "wait_for_answer", wait_and_die)
    with pytest.raises(TargetUnreachable):
        executor.start(request)
    monkeypatch.undo()
    executor.start(request)
    engine.remove(container_of(request.address), force=True)
    status = executor.poll(request.address)
    assert status.condition is Condition.LOST
    assert "removed from outside" in status.why


@pytest.mark.parametrize("moment", ["made", "started"])
def test_a_container_that_is_removed_before_its_start_is_told_in_words(
    executor: DockerExecutor, either: DockerBench, monkeypatch: pytest.MonkeyPatch, engine: Engine, moment: str
) -> None:
    request = either.request("open('ran', 'w')")
    make, begin = starting.make, starting.begin

    def make_and_lose(run: RunInContainer, config: dict[str, object]) -> None:
        make(run, config)
        engine.remove(run.name)

    def lose_and_begin(run: RunInContainer, interpreter: str) -> None:
        engine.remove(run.name)
        begin(run, interpreter)

    monkeypatch.setattr(starting, *(("make", make_and_lose) if moment == "made" else ("begin", lose_and_begin)))
    with pytest.raises(StartFailed, match="removed from outside before the script could start") as failure:
        executor.start(request)
    assert failure.value.remedy == "Run it again."
    assert not list(either.work.rglob("ran"))


def test_an_image_that_goes_before_the_container_is_made_is_an_image_to_pull(
    executor: DockerExecutor, either: DockerBench, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    bench = either.with_container(image="amlweb-test/fleeting:1")
    make = starting.make
    engine.api.tag(PYTHON_IMAGE, "amlweb-test/fleeting", "1")  # type: ignore[no-untyped-call]

    def lose_and_make(run: RunInContainer, config: dict[str, object]) -> None:
        engine.api.remove_image("amlweb-test/fleeting:1")  # type: ignore[no-untyped-call]
        make(run, config)

    monkeypatch.setattr(starting, "make", lose_and_make)
    with pytest.raises(ImageMissing):
        executor.start(bench.request("pass"))


def test_many_starts_at_once_start_one_program(executor: DockerExecutor, bench: DockerBench) -> None:
    request = bench.request(
        "import os, time\nopen('started-%s' % os.urandom(4).hex(), 'x')\nprint('ready')\ntime.sleep(60)",
        secrets={"TOKEN": "hush"},
    )
    failures: list[TargetError] = []

    def launch() -> None:
        try:
            executor.start(request)
        except TargetError as error:
            failures.append(error)

    threads = [threading.Thread(target=launch) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    wait_for_line(executor, request.address, b"ready\n")
    folder = bench.run_folder(request.address)
    assert len(list((folder / "code").glob("started-*"))) == 1
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address)


def test_our_own_code_is_readable_and_the_run_folder_is_not(executor: DockerExecutor, bench: DockerBench) -> None:
    before = os.umask(0o077)
    try:
        request = bench.request(ECHO, files={"package/module.py": ""})
        executor.start(request)
        wait_for_end(executor, request.address)
    finally:
        os.umask(before)
    assert stat.S_IMODE(bench.run_folder(request.address).stat().st_mode) == 0o700
    assert executor.read(request.address, Stream.LOG, 0, 99) == b"[]\n"
    assert Path("/etc/passwd").stat().st_uid == 0
