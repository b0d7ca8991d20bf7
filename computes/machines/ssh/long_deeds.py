"""Deeds on a host that take their time: a program whose lines are read, a tar that is sent."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

from computes.machines.line_running import hand_over_lines
from computes.machines.ssh.agent import Agent, without_trouble
from computes.supervisor.frames import CHUNK_BYTES

SILENCE_SECONDS = 60.0


def run_lines(
    agent: Agent,
    argv: Sequence[str],
    environment: Mapping[str, str],
    on_line: Callable[[str], None],
    deadline_seconds: float,
) -> int | None:
    """Run a program; return its exit code, None when its time was up. The host gives a sign of life now and then.

    Raises OSError for what the host's system refused, ContactLost, and what `on_line` raises, which ends the program.
    """

    def pieces() -> Generator[bytes, None, int | None]:
        with agent.within(SILENCE_SECONDS):
            agent.send(
                {"deed": "run_lines", "argv": list(argv), "environment": dict(environment), "seconds": deadline_seconds}
            )
            answer, data = agent.receive()
            while answer.get("more"):
                agent.prolong(SILENCE_SECONDS)
                yield data
                answer, data = agent.receive()
        code = without_trouble(answer)["code"]
        return None if code is None else int(code)

    return hand_over_lines(pieces(), on_line)


def unpack(agent: Agent, path: str, tar: Iterator[bytes]) -> None:
    """Send a tar, which is unpacked as it comes. Raises OSError and ValueError of the host, ContactLost."""
    with agent.within(SILENCE_SECONDS):
        agent.send({"deed": "unpack", "path": path})
        for piece in tar:
            for at in range(0, len(piece), CHUNK_BYTES):
                agent.send({}, piece[at : at + CHUNK_BYTES])
            agent.prolong(SILENCE_SECONDS)
        agent.send({"end": True})
        answer, _ = agent.receive()
    without_trouble(answer)
