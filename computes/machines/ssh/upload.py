"""Placing a folder on a host, or a run that is started at once: only contents that its cache lacks are sent."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from computes.errors import TargetError, TransferFailed
from computes.machines.contract import PlacedFile, PlacedRun
from computes.machines.placing import checked
from computes.machines.ssh.agent import Agent, Header, without_trouble
from computes.supervisor.frames import CHUNK_BYTES, packed

PLACE_SECONDS = 60.0
Entry = tuple[str, int, str, int]


def place(agent: Agent, path: str, files: Iterable[PlacedFile], folders: Sequence[str]) -> bool:
    """Place a folder whole or not at all; False when it was already there. Raises OSError of either side,
    TransferFailed, ContactLost."""
    listed, contents = listing(files, folders)
    return bool(converse(agent, {"deed": "place", "path": path, **listed}, contents)["answer"] == "placed")


def start_run(agent: Agent, run: PlacedRun) -> Header:
    """Place a run and start it; return the supervisor's answer. Raises what `place` raises, and TargetError where the
    records of an earlier start make no sense."""
    listed, contents = listing(run.code, run.folders)
    records = [(name, len(data)) for name, data in run.records.items()]
    request = {"deed": "start_run", "path": run.run_folder, "records": records, **listed}
    try:
        return converse(agent, request, contents, b"".join(run.records.values()))
    except ValueError as error:
        raise TargetError(
            f"The supervisor did not work on the target: {error}",
            "Run the target's check; it tries the same step by step.",
        ) from error


def listing(files: Iterable[PlacedFile], folders: Sequence[str]) -> tuple[Header, dict[str, Path | bytes]]:
    """Return what a request says of files and folders, and the contents by their digests."""
    contents: dict[str, Path | bytes] = {}
    entries: list[Entry] = []
    for file in files:
        digest, size = measured(file)
        entries.append((checked(file.path), file.mode, digest, size))
        contents.setdefault(digest, file.content)
    return {"files": entries, "folders": [checked(folder) for folder in folders]}, contents


def measured(file: PlacedFile) -> tuple[str, int]:
    """Return a content's sha256 and size."""
    if isinstance(file.content, bytes):
        return file.sha256 or hashlib.sha256(file.content).hexdigest(), len(file.content)
    size = file.content.stat().st_size
    if file.sha256:
        return file.sha256, size
    with open(file.content, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest(), size


def converse(agent: Agent, request: Header, contents: dict[str, Path | bytes], data: bytes = b"") -> Header:
    """Send the request, then what the host lacks; return its last word. The time counts anew with all that leaves."""
    with agent.within(PLACE_SECONDS):
        agent.send(request, data)
        answer, _ = agent.receive()
        if "missing" in answer:
            batch = bytearray()
            for frame in frames_for(answer["missing"], contents):
                batch += frame
                if len(batch) >= CHUNK_BYTES:
                    agent.write(bytes(batch))
                    agent.prolong(PLACE_SECONDS)
                    batch.clear()
            agent.write(bytes(batch))
            answer, _ = agent.receive()
    if without_trouble(answer)["answer"] == "damaged":
        raise TransferFailed(
            "A file arrived on the target, but it is not what the snapshot says.",
            "Restore the server's data folder from its backup, or take a new snapshot of the project.",
        )
    return answer


def frames_for(missing: list[str], contents: dict[str, Path | bytes]) -> Iterator[bytes]:
    """Yield the frames of the contents that are missing. The first of each names it, the last says so: mostly one."""
    for digest in missing:
        header: dict[str, object] = {"sha256": digest}
        held = b""
        for piece in pieces_of(contents[digest]):
            if held:
                yield packed(header, held)
                header = {}
            held = piece
        yield packed({**header, "last": True}, held)
    yield packed({"end": True})


def pieces_of(content: Path | bytes) -> Iterator[bytes]:
    """Yield a content in pieces. Raises TransferFailed when our own side cannot be read."""
    if isinstance(content, bytes):
        yield from (content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES))
        return
    try:
        with open(content, "rb", buffering=0) as file:
            while piece := file.read(CHUNK_BYTES):
                yield piece
    except OSError as error:
        raise TransferFailed(
            f"The snapshot store cannot be read: {error.strerror} ({error.filename}).",
            "Let an administrator check the disk of the server's data folder.",
        ) from error
