"""What viewers of a live log get: every byte once, also when their socket is cut again and again."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.faults.conftest import counted
from tests.stack.system import System, wait_until

pytestmark = pytest.mark.stack


def viewer(system: System, number: int, by: str = "vera", **headers: str) -> ClientConnection:
    """Open the websocket of a run as somebody."""
    address = f"ws://127.0.0.1:{system.port}/ws/projects/hello/runs/{number}/"
    return connect(address, additional_headers={"Authorization": f"Bearer {system.tokens[by]}", **headers})


def read_log(socket: ClientConnection, received: dict[int, str], offset: int, seconds: float) -> tuple[int, bool]:
    """Read frames for a while; return where the log goes on, and whether its end was announced."""
    socket.send(json.dumps({"from": offset}))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            message = json.loads(socket.recv(timeout=max(deadline - time.monotonic(), 0.01)))
        except TimeoutError:
            break
        if message["type"] == "log":
            assert message["offset"] == offset
            received[offset] = message["data"]
            offset = message["next"]
        elif message["type"] == "end":
            return offset, True
    return offset, False


def test_a_viewer_that_is_cut_again_and_again_sees_every_byte_once(shared_system: System) -> None:
    number = shared_system.submit("count.py", "200", "0.02")
    received: dict[int, str] = {}
    offset, is_over, chance = 0, False, random.Random(7)
    while not is_over:
        with viewer(shared_system, number) as socket:
            offset, is_over = read_log(socket, received, offset, chance.uniform(0.05, 0.6))
    assert "".join(received[place] for place in sorted(received)).encode() == counted(200)


def test_viewers_go_on_while_controller_and_workers_are_dead(system: System, tmp_path: Path) -> None:
    go = tmp_path / "go"
    number = system.submit("count.py", "150", "0.02", str(go))
    system.wait_for(number, "running")
    system.kill("controller")
    system.kill("workers")
    received: dict[int, str] = {}
    offset, deadline = 0, time.monotonic() + 60
    while offset < len(counted(150)) and time.monotonic() < deadline:
        with viewer(system, number) as socket:
            offset, _ = read_log(socket, received, offset, 3)
    go.touch()
    assert "".join(received[place] for place in sorted(received)).encode() == counted(150)


def test_states_and_metrics_come_with_the_log(shared_system: System) -> None:
    number = shared_system.submit("count.py", "10", "0.02")
    states = []
    with viewer(shared_system, number) as socket:
        socket.send(json.dumps({"from": 0}))
        while (message := json.loads(socket.recv(timeout=30)))["type"] != "end":
            if message["type"] == "status":
                states.append(message["state"])
                assert message["state"] in message["html"].lower()
    assert states[-1] == "completed"
    assert states == sorted(states, key=["queued", "preparing", "running", "finalizing", "completed"].index)


@pytest.mark.parametrize("by", ["charlie", "nobody"])
def test_strangers_are_refused(shared_system: System, by: str) -> None:
    shared_system.tokens["nobody"] = "amlweb_wrong"
    number = shared_system.submit("hello.py")
    with pytest.raises(InvalidStatus), viewer(shared_system, number, by):
        pytest.fail("a stranger was let in")


def test_a_removed_member_is_put_out(system: System) -> None:
    number = system.submit("count.py", "2000", "0.02")
    with viewer(system, number, "vera") as socket:
        socket.send(json.dumps({"from": 0}))
        assert json.loads(socket.recv(timeout=10))
        remove_member(system, "vera")

        def closed() -> bool:
            try:
                socket.recv(timeout=0.5)
            except ConnectionClosed:
                return True
            except TimeoutError:
                return False
            return False

        wait_until(closed, 30, every=0)
    system.call("POST", f"/projects/hello/runs/{number}/cancel")


def remove_member(system: System, name: str) -> None:
    """Take a person out of the project, from a process of its own."""
    code = f"from projects.models import Membership; Membership.objects.filter(user__username={name!r}).delete()"
    subprocess.run([sys.executable, "manage.py", "shell", "-c", code], env=system.environment, check=True, cwd=".")


@pytest.mark.parametrize("text", ["[]", "{", '{"from": -1}', '{"from": true}', '{"from": "0"}', "x" * 5000, "\0"])
def test_messages_that_are_not_ours_close_the_socket(shared_system: System, text: str) -> None:
    number = shared_system.submit("hello.py")
    with viewer(shared_system, number) as socket:
        socket.send(text)
        with pytest.raises(ConnectionClosed):
            drain(socket)


def drain(socket: ClientConnection) -> None:
    """Read until the socket is closed."""
    while True:
        socket.recv(timeout=10)
