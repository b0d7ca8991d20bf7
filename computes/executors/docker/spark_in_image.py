"""Whether an image and the environment in it have Spark and Java: asked in a throw-away container."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from computes.contract import ContainerSettings, ExecutionRequest, TargetSettings
from computes.executors.docker.container_config import plain_config
from computes.executors.docker.contents import environment_mounts
from computes.executors.docker.engine import Engine
from computes.executors.docker.images import ImageFacts, require_image
from computes.executors.docker.names import INSTALLATION, KIND
from computes.executors.docker.run_in_container import RunInContainer
from computes.executors.docker.surroundings import USUAL_PATH
from computes.executors.docker.throw_away import output_of
from computes.executors.plain_text import plain
from computes.executors.spark.discovery import SECONDS, answer_in, question, require, what_counts

NOBODY = "65534:65534"
CHECK = {KIND: "check"}
ASK_SHELL = """
submit="${SPARK_HOME:+$SPARK_HOME/bin/spark-submit}"; [ -x "$submit" ] || submit=$(command -v spark-submit)
java="${JAVA_HOME:+$JAVA_HOME/bin/java}"; [ -x "$java" ] || java=$(command -v java)
echo "$submit"
echo "$java"
[ -z "$java" ] || "$java" -version 2>&1
"""
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


def find_spark(engine: Engine, settings: TargetSettings, container: ContainerSettings) -> dict[str, str]:
    """Return what the base image has of Spark and Java; prepared environments may bring more.

    Raises TargetError where the image is not there or its Python does not answer.
    """
    image = require_image(engine, container.image)
    variables = {"PATH": USUAL_PATH, **image.environment, **settings.environment}
    if settings.user_managed_environment:
        argv = question(settings.python_location, settings.spark_submit_location, with_versions=True)
        return ask_image(engine, image.id, argv, what_counts(variables), [], CHECK)
    config = plain_config(image.id, NOBODY, ["/bin/sh", "-c", ASK_SHELL], [], CHECK)
    _, output = output_of(engine, config, SECONDS)
    submit, java, said, *_ = [*(line.strip() for line in output.splitlines()), "", "", ""]
    version = said.split('"')[1] if said.count('"') > 1 else ""
    remedy = "Choose a base image with Java and Spark, or let the environment have pyspark and openjdk."
    return {
        "submit": plain(submit),
        "spark_version": "",
        "java": plain(java),
        "java_version": plain(version),
        "remedy": "" if submit and java else remedy,
    }


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
