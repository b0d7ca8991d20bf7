"""Starts the helper that works with py-rattler, watches it, and reads its result."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import computes
from computes.environments.contract import PackageSources
from computes.environments.package_sources import masker_for
from computes.environments.stopping import ShouldStop, ask
from computes.errors import PreparationFailed

TIMEOUT_SECONDS = 1800.0
LOOK_SECONDS = 0.05
SHOWN_CHARACTERS = 2000
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")


class SolverRefused(PreparationFailed):
    """rattler's own words. `spec` is the place in the list of the spec that it does not understand, if it is that."""

    def __init__(self, text: str, kind: str, spec: int | None) -> None:
        super().__init__(text, "Change the packages, their versions or the channels that the message names.")
        self.kind = kind
        self.spec = spec


def run_solver(
    work: str, request: Mapping[str, Any], sources: PackageSources, cache_folder: Path, should_stop: ShouldStop
) -> dict[str, Any]:
    """Return the result of one piece of work. Raises SolverRefused, PreparationFailed and PreparationStopped.

    The request goes through a pipe, because it holds logins; result and errors come through memory, because the disk
    may be full. A helper that dies without a result is tried once more.
    """
    cache_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = {**request, "credentials": dict(sources.credentials), "timeout_seconds": TIMEOUT_SECONDS}
    for _ in range(2):
        with _memory("result") as result, _memory("errors") as errors:
            _run(work, json.dumps(whole), result, errors, _environment(sources), should_stop)
            answer = _content_of(result)
            if answer.endswith(b"\n"):
                return _checked(json.loads(answer), sources)
            said = _content_of(errors).decode(errors="replace")[-SHOWN_CHARACTERS:].strip()
    said = masker_for(sources)(said) or "nothing"
    raise PreparationFailed(
        f"The helper that works with packages ended without a result. It said: {said}",
        "Prepare the environment again. If that does not help, look for a lack of memory on the server.",
    )


def _checked(answer: dict[str, Any], sources: PackageSources) -> dict[str, Any]:
    if "error" in answer:
        raise SolverRefused(masker_for(sources)(answer["error"]), answer["type"], answer.get("spec"))
    return answer


@contextmanager
def _memory(name: str) -> Iterator[int]:
    """Give a file that is on no disk."""
    descriptor = os.memfd_create(name)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _content_of(descriptor: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        return file.read()


def _run(
    work: str, request: str, result: int, errors: int, environment: dict[str, str], should_stop: ShouldStop
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-s", "-m", "computes.environments.solver", work, str(result)],
        stdin=subprocess.PIPE,
        stdout=errors,
        stderr=errors,
        cwd="/",
        env=environment,
        pass_fds=(result,),
        start_new_session=True,
    )
    try:
        _feed(process, request.encode())
        deadline = time.monotonic() + TIMEOUT_SECONDS + 30
        while not _ends_within(process, LOOK_SECONDS):
            ask(should_stop)
            if time.monotonic() > deadline:
                break
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the end of a process and return at once when it comes, else False after some seconds."""
    ended = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(ended)


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    if process.stdin is None:
        raise RuntimeError("the helper has no standard input")
    try:
        with process.stdin as pipe:
            pipe.write(data)
    except BrokenPipeError:
        return


def _environment(sources: PackageSources) -> dict[str, str]:
    """Return an allow-list of the server's variables, and what the sources say about the way to them."""
    found = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    found |= {"PYTHONPATH": str(Path(computes.__file__).parent.parent), "PYTHONWARNINGS": "ignore"}
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if name in os.environ and not sources.ca_bundle:
            found[name] = os.environ[name]
    if sources.ca_bundle:
        found["SSL_CERT_FILE"] = sources.ca_bundle
    if sources.proxy:
        found |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), sources.proxy)
    return found
