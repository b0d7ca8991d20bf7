"""What the container engine's refusals and its silence mean to the user of a target."""

from collections.abc import Iterator
from contextlib import contextmanager

from docker.errors import APIError, DockerException
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import RequestException

from computes.errors import StartFailed, TargetDiskFull, TargetError, TargetUnreachable

LONGEST = 400


class NotThere(TargetError):
    """The engine knows no such container, image or volume."""


class Conflict(TargetError):
    """The name is taken, or the thing is in use."""


@contextmanager
def explained(deed: str) -> Iterator[None]:
    """Turn what the engine's client raises while doing a deed ("start the container") into an error of ours."""
    try:
        yield
    except APIError as error:
        raise refusal(error, deed) from error
    except (DockerException, RequestException, OSError) as error:
        raise silence(error) from error


def refusal(error: APIError, deed: str) -> TargetError:
    """Return the error for an answer of the engine that is no success."""
    said = said_by(error)
    plain = said.lower()
    if error.status_code == 409 or "is not running" in plain:
        return Conflict(f"Docker refused to {deed}: {said}", "It is tried again.")
    if "no space left on device" in plain or "disk quota exceeded" in plain:
        return TargetDiskFull(
            f"Docker's disk is full: it could not {deed}.",
            "Free space below Docker's root folder (docker system df shows what takes it), then run again.",
        )
    if "could not select device driver" in plain and "gpu" in plain:
        return StartFailed(
            "GPUs were asked for, but Docker finds none on this machine.",
            "Set gpus of the target to nothing, or install the NVIDIA driver and the NVIDIA Container Toolkit there.",
        )
    if "range of cpus is from" in plain:
        return StartFailed(
            f"A container is to get more CPUs than the machine has: {said}.",
            "Set CPUs of the target to what the machine has, or less.",
        )
    if "nvidia-container-cli" in plain:
        return StartFailed(
            f"The GPUs that were asked for cannot be used: {said}",
            "Compare gpus of the target with what nvidia-smi shows on that machine.",
        )
    if "network bridge not found" in plain or ("bridge" in plain and "not found" in plain):
        return StartFailed(
            "Docker has no default network on this machine.",
            "Set network of the target to none or host, or let an administrator switch Docker's bridge on.",
        )
    if error.status_code == 404:
        return NotThere(f"Docker refused to {deed}: {said}", "Run the target's check.")
    return TargetError(f"Docker refused to {deed}: {said}", "Run the target's check; it tries the same step by step.")


def said_by(error: APIError) -> str:
    """Return the engine's own words, cut."""
    return str(error.explanation or error).strip()[:LONGEST]


def silence(error: Exception) -> TargetUnreachable:
    """Return the error for an engine that gives no answer: nothing is known then."""
    said = str(error)
    if "Permission denied" in said:
        return TargetUnreachable(
            "The account may not use Docker: its socket refuses it.",
            "Add the account to the group docker (sudo usermod -aG docker ACCOUNT), then let it log in again.",
        )
    if "No such file" in said or "Connection refused" in said or "ConnectionRefusedError" in said:
        return TargetUnreachable(
            "Docker does not answer: it is not running, or its socket is elsewhere.",
            "Start it there (sudo systemctl start docker), install it (sudo apt-get install -y docker.io), or correct "
            "the socket of the target.",
        )
    if isinstance(error, RequestsConnectionError) or "Connection aborted" in said:
        return TargetUnreachable(
            f"Docker does not answer: the connection to its socket broke off. {said[:LONGEST]}",
            "See on the machine whether it runs (sudo systemctl status docker), and whether the account may use it "
            "(docker version). It is asked again by itself.",
        )
    return TargetUnreachable(
        f"Docker does not answer: {said[:LONGEST]}", "Nothing is decided until it does; it is asked again by itself."
    )
