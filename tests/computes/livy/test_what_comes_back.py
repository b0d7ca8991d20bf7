"""What comes back from a driver: every byte of the log, metrics, outputs, facts; never a secret."""

import json
import zlib
from pathlib import Path

import pytest

from computes.contract import Condition, RunAddress, Stream
from computes.errors import CollectionFailed
from computes.executors.livy.executor import LivyExecutor
from computes.machines.contract import CollectionLimits
from computes.spark_driver.layout import part_in
from tests.computes.livy.livy_bench import HASTY, LivyBench
from tests.computes.on_targets import wait_for, wait_for_end
from tests.stack.livy_contract import LivyContract

LINES = """
import os, sys
for number in range(30_000):
    os.write(1, b"out %d \\xc3\\xa4\\n" % number)
    os.write(2, b"err %d \\xff\\n" % number)
"""
HOSTILE = [
    "",
    " ",
    "a b",
    "*",
    "$HOME",
    "`id`",
    "'",
    '"',
    "\\",
    "a\nb",
    "-c",
    "--name=x",
    "é",
    "\udcff",
    "#",
    "%s",
    "\t",
]


def whole(executor: LivyExecutor, address: RunAddress, stream: Stream, size: int, step: int = 70_001) -> bytes:
    """Return a stream as the server copies it."""
    found = b""
    while len(found) < size:
        piece = executor.read(address, stream, len(found), step)
        assert piece, f"{stream} ends at {len(found)} of {size}"
        found += piece
    return found


def test_60_000_lines_on_both_streams_come_back_byte_by_byte(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(LINES)
    executor.start(request)
    status = wait_for_end(executor, request.address, 60)
    assert status.exit is not None
    expected = b"".join(b"out %d \xc3\xa4\nerr %d \xff\n" % (number, number) for number in range(30_000))
    log = whole(executor, request.address, Stream.LOG, status.log_bytes)
    assert log == expected
    assert (status.exit.log_bytes, status.exit.log_crc32) == (len(expected), zlib.crc32(expected))


def test_a_log_grows_while_the_script_runs_and_its_parts_have_no_gap(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    script = (
        "import os, time\nfor number in range(4):\n    print(number, flush=True)\n"
        "    while not os.path.exists(os.environ['SEEN'] + str(number)):\n        time.sleep(0.02)\n"
    )
    request = bench.request(script, environment={"SEEN": f"{bench.root}/seen-"})
    executor.start(request)
    for number in range(4):
        size = 2 * (number + 1)
        wait_for(lambda size=size: executor.poll(request.address).log_bytes == size, f"{size} bytes of the log")  # type: ignore[misc]
        assert executor.poll(request.address).condition is Condition.ALIVE
        assert len(executor.read(request.address, Stream.LOG, 0, 1000)) == size
        (bench.root / f"seen-{number}").touch()
    assert wait_for_end(executor, request.address).condition is Condition.EXITED
    names = [path.name for path in bench.run_folder(request.address).glob("parts/*/log-*")]
    parts = sorted(found[1:] for name in names if (found := part_in(name)))
    assert len(parts) > 2
    ends = [offset + length for offset, length in parts]
    assert [offset for offset, _ in parts] == [0, *ends[:-1]]


def test_metrics_arrive_as_lines_of_json(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    script = (
        "import amlweb_run\nfrom azureml.logging import get_azureml_logger\namlweb_run.log('loss', 0.5, step=1)\n"
        "get_azureml_logger().log('list', [1, 2])\n"
    )
    request = bench.request(script)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    lines = whole(executor, request.address, Stream.METRICS, status.metrics_bytes).splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["loss", "list"]


def test_hostile_arguments_and_values_arrive_literally(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    script = (
        "import json, os, sys\nprint(json.dumps([sys.argv, __name__, sys.path[0], os.environ['V'], os.getcwd()]))\n"
    )
    request = bench.request(script, *HOSTILE, environment={"V": "a\nb $HOME '\""})
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 0
    argv, name, first, value, folder = json.loads(executor.read(request.address, Stream.LOG, 0, 1 << 16))
    assert argv == ["main.py", *HOSTILE]
    assert (name, first, value) == ("__main__", folder, "a\nb $HOME '\"")


def test_an_uncaught_error_looks_as_it_does_everywhere(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request("def train():\n    raise ValueError('no data')\n\ntrain()\n")
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 1
    log = executor.read(request.address, Stream.LOG, 0, 1 << 16).decode()
    assert log.startswith("Traceback (most recent call last):\n")
    assert log.rstrip().endswith("ValueError: no data")
    assert "spark_driver" not in log


def test_a_secret_is_in_the_script_alone(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    script = (
        "import os, sys, time\nsecret = os.environ['TOKEN']\nprint(secret[::-1])\n"
        "sys.stdout.write(secret[:7]); sys.stdout.flush(); time.sleep(2.5); print(secret[7:])\n"
        "import amlweb_run; amlweb_run.log('text', secret)\n"
    )
    request = bench.request(script, secrets={"TOKEN": "open sesame 2026"})
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 0
    log = whole(executor, request.address, Stream.LOG, status.log_bytes)
    assert log == b"6202 emases nepo\n" + b"*" * 16 + b"\n"
    assert status.exit.log_crc32 == zlib.crc32(log)
    files = [path for path in Path(bench.work).rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"open sesame 2026" in path.read_bytes()]
    assert b"sesame" not in b"".join(asked.body for asked in livy.service.asked)


def test_hostile_outputs_do_no_harm_and_are_listed(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor, tmp_path: Path
) -> None:
    script = """
import os
os.makedirs("outputs/deep/er")
open("outputs/a:b%20c.txt", "w").write("colon")
open("outputs/deep/er/x", "w").write("x")
os.symlink("/etc/passwd", "outputs/link")
os.mkfifo("outputs/pipe")
os.link("outputs/deep/er/x", "outputs/twice")
"""
    request = bench.request(script)
    executor.start(request)
    wait_for_end(executor, request.address)
    found = {entry.path: entry for entry in executor.collect(request.address, tmp_path / "kept")}
    assert found["link"].skipped == "it is a link"
    assert found["pipe"].skipped == "it is a pipe"
    assert "hard link" in found["twice"].skipped
    assert (tmp_path / "kept/a:b%20c.txt").read_text() == "colon"
    assert sorted(path.name for path in (tmp_path / "kept").rglob("*") if path.is_file()) == ["a:b%20c.txt"]


@pytest.mark.parametrize("damage", ["content", "index", "escape"])
def test_outputs_that_are_not_what_was_written_are_not_taken(
    damage: str, livy: LivyContract, bench: LivyBench, executor: LivyExecutor, tmp_path: Path
) -> None:
    request = bench.request("open('outputs/model', 'w').write('weights')")
    executor.start(request)
    wait_for_end(executor, request.address)
    folder = bench.run_folder(request.address)
    if damage == "content":
        (folder / "outputs/000000").write_bytes(b"weighty")
    elif damage == "index":
        (folder / "outputs.json").write_bytes(b'[{"path": "model"')
    else:
        index = (folder / "outputs.json").read_text()
        (folder / "outputs.json").write_text(index.replace("model", "../../model"))
    if damage == "escape":
        found = executor.collect(request.address, tmp_path / "kept")
        assert [entry.skipped for entry in found] == ["its name leads out of the outputs"]
    else:
        with pytest.raises(CollectionFailed) as caught:
            executor.collect(request.address, tmp_path / "kept")
        assert caught.value.remedy
    assert not (tmp_path / "kept/model").exists()


def test_outputs_beyond_the_limits_are_left(livy: LivyContract, bench: LivyBench, tmp_path: Path) -> None:
    executor = LivyExecutor(CollectionLimits(files=2, file_bytes=100), patience=HASTY)
    script = "for name in 'abcd':\n    open('outputs/' + name, 'w').write('x' * (200 if name == 'a' else 5))\n"
    request = bench.request(script)
    executor.start(request)
    wait_for_end(executor, request.address)
    found = executor.collect(request.address, tmp_path / "kept")
    assert [entry.path for entry in found if not entry.skipped] == ["b"]
    assert all(entry.skipped for entry in found if entry.path != "b")


def test_the_application_and_its_pages_are_known(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    request = bench.request("print('x')")
    executor.start(request)
    wait_for_end(executor, request.address)
    details = executor.describe(request.address).details
    assert details["application"] == "application_1700000000000_0000"
    assert details["spark_page"] == "http://yarn.example:8088/proxy/application_1700000000000_0000/"
    assert details["driver_log"] == "http://node1.example:8042/logs"
    livy.forget()
    assert executor.describe(request.address).details["application"] == "application_1700000000000_0000"


@pytest.mark.parametrize("record", [b"", b"{}", b'{"code": "seven"}', b"[" * 100_000, b'{"code": 0, "signal": null}'])
def test_a_damaged_exit_record_is_no_success(
    record: bytes, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request("print('x')")
    executor.start(request)
    wait_for_end(executor, request.address)
    (bench.run_folder(request.address) / "exit.json").write_bytes(record)
    status = executor.poll(request.address)
    assert (status.condition, status.supervised) == (Condition.LOST, False)
