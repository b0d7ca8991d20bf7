"""Whether an image and the environment in it have Spark and Java: asked in a throw-away container."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from computes.contract import ExecutionRequest
from computes.executors.docker.container_config import plain_config
from computes.executors.docker.contents import environment_mounts
from computes.executors.docker.engine import Engine
from computes.executors.docker.images import ImageFacts
from computes.executors.docker.names import INSTALLATION, KIND
from computes.executors.docker.run_in_container import RunInContainer
from computes.executors.docker.throw_away import output_of
from computes.executors.spark.discovery import SECONDS, answer_in, question, require, what_counts

NOBODY = "65534:65534"
CACHED = 64
Key = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...], str]


class Answers:
    """Where all was found. Images and environments never change, so each that is complete is asked once."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: set[Key] = set()

    def has(self, key: Key) -> bool:
        """Return whether all was found before."""
        return key in self.kept

    def keep(self, key: Key) -> None:
        """Remember that all was found."""
        with self.lock:
            while len(self.kept) >= CACHED:
                self.kept.pop()
            self.kept.add(key)


ANSWERS = Answers()


def require_spark(
    run: RunInContainer, request: ExecutionRequest, image: ImageFacts, specification: Mapping[str, Any]
) -> None:
    """Raise PreparationFailed in words where a run would find no Spark or no Java in its container."""
    argv = question(specification["argv"][0], specification["spark"]["location"])
    environment = what_counts(specification["environment"])
    environment.pop("HOME", None)  # each run has another, and no image has it
    key = (image.id, tuple(argv), tuple(sorted(environment.items())), request.environment_hash)
    if ANSWERS.has(key):
        return
    labels = {INSTALLATION: request.address.installation_id, KIND: "spark"}
    mounts = environment_mounts(request.environment_hash)
    require(ask_image(run.engine, image.id, argv, environment, mounts, labels))
    ANSWERS.keep(key)


def ask_image(
    engine: Engine,
    image: str,
    argv: list[str],
    environment: Mapping[str, str],
    mounts: list[dict[str, Any]],
    labels: dict[str, str],
) -> dict[str, str]:
    """Return what was found in a container of an image."""
    config = plain_config(image, NOBODY, argv, mounts, labels)
    config["Env"] = [f"{name}={value}" for name, value in environment.items()]
    _, output = output_of(engine, config, SECONDS)
    return answer_in(output, argv[0])
