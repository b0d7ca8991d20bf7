"""Ten thousand lines a second to two hundred viewers: every byte to each, and how late."""

import asyncio
import json
import time

from websockets.asyncio.client import connect

from benchmarks.figures import Figure, cpu_seconds, percentile
from benchmarks.installation import installation
from tests.stack.system import System

VIEWERS = 200
RATE = 10_000
SECONDS = 8.0


async def view(address: str, token: str, delays: list[float]) -> int:
    """Watch to the end; note the delay of the oldest line of each frame; return how many bytes came."""
    received = 0
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(address, additional_headers=headers, compression=None, max_size=None, open_timeout=60) as socket:
        await socket.send(json.dumps({"from": 0}))
        async for text in socket:
            now = time.time()
            message = json.loads(text)
            if message["type"] == "log":
                assert message["offset"] == received
                received = message["next"]
                start = message["data"].find("\n") + 1 if message["offset"] % 100 else 0
                delays.append(now - float(message["data"][start : start + 17]))
    return received


async def watch(system: System) -> tuple[list[int], list[float], float]:
    """Run the printing script with all viewers and return their bytes, delays and the web's share of a core."""
    number = system.submit("pace.py", str(RATE), str(SECONDS))
    address = f"ws://127.0.0.1:{system.port}/ws/projects/hello/runs/{number}/"
    web = [system.processes["web"].pid]
    delays: list[float] = []
    tasks = [asyncio.create_task(view(address, system.tokens["alice"], delays)) for _ in range(VIEWERS)]
    await asyncio.sleep(SECONDS * 0.4)
    steady = len(delays)
    before, began = cpu_seconds(web), time.perf_counter()
    await asyncio.sleep(SECONDS * 0.5)
    share = (cpu_seconds(web) - before) / (time.perf_counter() - began)
    settled = delays[steady:]
    return await asyncio.gather(*tasks), settled, share


def measure() -> list[Figure]:
    """Return the rows: completeness, delay and processor use."""
    with installation() as system:
        system.wait_for_end(system.submit("hello.py"))
        received, delays, share = asyncio.run(watch(system))
        run = system.run(1 + 1)
    complete = sum(count == run["log_bytes"] for count in received)
    p99 = percentile(delays, 0.99)
    return [
        Figure(
            f"{RATE:,} lines/s to {VIEWERS} viewers",
            f"{complete} of {VIEWERS} got every byte, p99 {p99 * 1000:.0f} ms",
            "–",
            "every byte, p99 ≤ 100 ms",
            complete == VIEWERS and p99 <= 0.1,
        ),
        Figure("web process meanwhile", f"{share:.2f} core", "–", "≤ 0.5 core", share <= 0.5),
    ]
