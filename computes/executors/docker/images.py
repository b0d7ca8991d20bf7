"""The image that containers are made of: what it is, and how it gets to the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from docker.errors import APIError

from computes.contract import ContainerSettings
from computes.environments.stopping import ShouldStop, never
from computes.errors import ImageMissing, PreparationFailed, TargetDiskFull, TargetError
from computes.executors.docker.engine import Engine
from computes.executors.docker.engine_errors import LONGEST, explained, said_by
from computes.executors.docker.pull_progress import tell

LogLine = Callable[[str], None]
NOT_ALLOWED = ("unauthorized", "authentication required", "no basic auth credentials", "denied")


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Which image exactly: its id, the digest it was pulled by (empty for an own one), and what it is made for."""

    id: str
    digest: str
    architecture: str
    environment: Mapping[str, str]


def image_facts(engine: Engine, image: str) -> ImageFacts | None:
    """Return the facts of an image that is there, None when it is not."""
    found = engine.image(image)
    if found is None:
        return None
    variables = (found.get("Config") or {}).get("Env") or []
    digests = found.get("RepoDigests") or [""]
    return ImageFacts(
        id=str(found["Id"]),
        digest=str(digests[0]),
        architecture=str(found.get("Architecture", "")),
        environment=dict(variable.split("=", 1) for variable in variables if "=" in variable),
    )


def require_image(engine: Engine, image: str) -> ImageFacts:
    """Return the facts of an image. Raises ImageMissing when it is not there."""
    found = image_facts(engine, image)
    if found is None:
        raise ImageMissing(
            f"The image {image!r} is not on the target.",
            "Run it again, or correct the target's base Docker image.",
        )
    return found


def pull_if_missing(engine: Engine, settings: ContainerSettings, log: LogLine, should_stop: ShouldStop = never) -> None:
    """Pull an image unless it is there. Raises PreparationFailed, PreparationStopped and TargetDiskFull in words."""
    if image_facts(engine, settings.image) is None:
        log(f"Pulling {settings.image}")
        facts = pull(engine, settings, log, should_stop)
        log(f"Pulled {settings.image}: {facts.digest or facts.id}")


def pull(engine: Engine, settings: ContainerSettings, log: LogLine, should_stop: ShouldStop = never) -> ImageFacts:
    """Pull an image and tell the progress line by line. What is stopped goes on where it was when it is pulled again.

    Raises PreparationFailed, PreparationStopped and TargetDiskFull in words.
    """
    login = settings.login
    secret = {"username": login.username, "password": login.password} if login else {}  # never the server's own
    repository, tag = split_name(settings.image)
    with explained(f"pull {settings.image}"):
        try:
            stream = engine.api.pull(repository, tag=tag, stream=True, decode=True, auth_config=secret)
            failure = tell(stream, log, should_stop)
        except APIError as error:
            if error.response is not None:
                error.response.close()
            raise pull_failed(settings.image, said_by(error)) from error
    if failure:
        raise pull_failed(settings.image, failure)
    return require_image(engine, settings.image)


def pull_failed(image: str, said: str) -> TargetError:
    """Return the error for what the registry or the engine said."""
    plain = said.lower()
    if "no space left" in plain:
        return TargetDiskFull(
            f"Docker's disk is full: {image} could not be pulled.", "Free space below Docker's root folder."
        )
    if any(sign in plain for sign in NOT_ALLOWED):
        remedy = "Correct the image's name; for a private image, set user and password of its registry in the target."
        return PreparationFailed(f"The registry does not give {image} away: {said[:LONGEST]}", remedy)
    if "manifest unknown" in plain or "not found" in plain:
        return PreparationFailed(f"There is no image {image}: {said[:LONGEST]}", "Correct the image's name or tag.")
    remedy = "Check that the target reaches the registry (docker pull there), or load the image by docker load."
    return PreparationFailed(f"{image} could not be pulled: {said[:LONGEST]}", remedy)


def split_name(image: str) -> tuple[str, str]:
    """Return repository and tag; a digest counts as a tag, and without either it is "latest"."""
    if "@" in image:
        repository, tag = image.split("@", 1)
        return repository, tag
    head, _, tail = image.rpartition(":")
    return (head, tail) if head and "/" not in tail else (image, "latest")
