"""Submitting a run and timing what comes back, as a browser sees it."""

import json
import time

import requests
from websockets.sync.client import connect

from tests.stack.system import System

PATIENCE_SECONDS = 120


def first_line_seconds(
    system: System, session: requests.Session, script: str, target: str, line: str = "", **fields: str
) -> tuple[float, int]:
    """Submit a script and return the seconds from the POST to the first log frame in a websocket, and the number.

    Where the script's output comes after other words, `line` is what is waited for. `fields` say more of the run.
    """
    token = {"Authorization": f"Bearer {system.tokens['alice']}"}
    began = time.perf_counter()
    body = {"script": script, "target": target, **fields}
    answer = session.post(f"{system.url}/api/v1/projects/hello/runs", json=body, headers=token, timeout=60)
    number = int(answer.json()["number"])
    address = f"ws://127.0.0.1:{system.port}/ws/projects/hello/runs/{number}/"
    with connect(address, additional_headers=token, compression=None) as viewer:
        viewer.send(json.dumps({"from": 0}))
        log = ""
        while not log or line not in log:
            frame = json.loads(viewer.recv(timeout=PATIENCE_SECONDS))
            log += frame["data"] if frame["type"] == "log" else ""
        return time.perf_counter() - began, number
