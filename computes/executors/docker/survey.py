"""What of ours is in a container engine: containers and volumes by our labels, and the room that is left."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from computes.contract import TargetSettings
from computes.errors import TargetError
from computes.executors.docker.engine import Engine
from computes.executors.docker.names import ENVIRONMENT, INSTALLATION, KIND, RUN
from computes.executors.docker.remains import engine_of
from computes.machines.contract import Machine
from computes.survey import FoundEnvironment, RunRemains, StrayContainer, Survey
from computes.work_folder import HEXADECIMAL, RUN_ID

RUNNING = ("running", "paused", "restarting")


def with_engine(found: Survey, machine: Machine, settings: TargetSettings, installation_id: str) -> Survey:
    """Return a survey with what the target's engine has of the same installation. Raises TargetError."""
    with engine_of(settings) as engine:
        return survey_engine(engine, found, machine, settings, {INSTALLATION: installation_id})


def survey_engine(
    engine: Engine, found: Survey, machine: Machine, settings: TargetSettings, ours: Mapping[str, str]
) -> Survey:
    """Look at containers, volumes, the base image and the disk."""
    containers, volumes = engine.containers(ours), engine.volumes(ours)
    root, free = str(engine.info()["DockerRootDir"]), None
    with suppress(TargetError):  # the account may not look there
        free = machine.free_bytes(root)
    image = engine.image(settings.container.image) if settings.container else None
    environments = [
        FoundEnvironment(str(volume["Labels"][ENVIRONMENT]), moment(volume.get("CreatedAt", "")))
        for volume in volumes
        if volume["Labels"].get(KIND) == "environment"
        and HEXADECIMAL.fullmatch(str(volume["Labels"].get(ENVIRONMENT, "")))
    ]
    return replace(
        found,
        runs=tuple(with_things(found.runs, containers, volumes)),
        containers=tuple(
            StrayContainer(each["Id"], name_of(each), str(each["Labels"].get(KIND, "")), float(each["Created"]))
            for each in containers
            if RUN not in each["Labels"]
        ),
        environments=(*found.environments, *environments),
        docker_root=root,
        docker_free_bytes=free,
        image_bytes=int(image["Size"]) if image else None,
    )


def with_things(
    runs: Iterable[RunRemains], containers: Iterable[Mapping[str, Any]], volumes: Iterable[Mapping[str, Any]]
) -> list[RunRemains]:
    """Return the remains of runs with their containers and volumes, also of runs that have nothing else."""
    found = {run.run_id: run for run in runs}
    for container in containers:
        run_id, since = str(container["Labels"].get(RUN, "")), float(container["Created"])
        if RUN_ID.fullmatch(run_id):
            known = found.get(run_id, RunRemains(run_id, since))
            is_alive = known.is_alive or container["State"] in RUNNING
            found[run_id] = replace(known, container=name_of(container), is_alive=is_alive)
    for volume in volumes:
        run_id = str(volume["Labels"].get(RUN, ""))
        if RUN_ID.fullmatch(run_id):
            known = found.get(run_id, RunRemains(run_id, moment(volume.get("CreatedAt", ""))))
            found[run_id] = replace(known, volume=str(volume["Name"]))
    return list(found.values())


def name_of(container: Mapping[str, Any]) -> str:
    """Return a container's name without the slash that the engine writes."""
    return str((container.get("Names") or [container["Id"]])[0]).lstrip("/")


def moment(text: str) -> float:
    """Return a moment that the engine wrote as UTC seconds; 0 where it wrote none."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
