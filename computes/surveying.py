"""Looking at what of ours is on a target: its work folder, its processes and, where it has one, its engine; or the
storage that a cluster shares with us."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from computes.contract import TargetSettings
from computes.environments.place_factory import machine_for
from computes.machines.contract import Machine
from computes.shared_storage.storages import storage_of
from computes.shared_storage.survey import survey_storage
from computes.survey import CachedContents, FoundEnvironment, RunRemains, Survey
from computes.work_folder import HEXADECIMAL, RUN_ID, WorkFolder

MEASURE_SECONDS = 10.0
LIVING = ("alive", "starting")


def survey_target(settings: TargetSettings, installation_id: str) -> Survey:
    """Return what an installation has on a target. Changes nothing. Raises TargetError."""
    if settings.livy is not None:
        return survey_storage(storage_of(settings, settings.livy), installation_id)
    machine = machine_for(settings)
    found = survey_machine(machine, settings, installation_id)
    if settings.container is not None and settings.container.image:
        in_engine = import_module("computes.executors.docker.survey")
        added: Survey = in_engine.with_engine(found, machine, settings, installation_id)
        return added
    return found


def survey_machine(machine: Machine, settings: TargetSettings, installation_id: str) -> Survey:
    """Return what is in the work folder. Where our mark is not there, its disk may not be mounted: nothing is said."""
    work = WorkFolder(machine, settings).path
    answer = machine.survey(work, installation_id, MEASURE_SECONDS)
    if answer["answer"] != "surveyed":
        return Survey()
    blobs = answer["blobs"]
    return Survey(
        runs=tuple(remains_of(answer, installation_id)),
        environments=tuple(
            FoundEnvironment(each["hash"], each["since"])
            for each in answer["environments"]
            if HEXADECIMAL.fullmatch(each["hash"])
        ),
        blobs=CachedContents(blobs["files"], blobs["bytes"], blobs["older"]),
        free_bytes=answer["free_bytes"],
        python_bytes=answer["python_bytes"],
    )


def remains_of(answer: Mapping[str, Any], installation_id: str) -> list[RunRemains]:
    """Return one entry for each run that has a folder or a process."""
    found: dict[str, RunRemains] = {}
    for facts in answer["runs"]:
        if run_id := run_id_in(facts["name"], installation_id):
            is_alive = facts["condition"] in LIVING
            found[run_id] = RunRemains(run_id, facts["since"], facts["bytes"], has_folder=True, is_alive=is_alive)
    for facts in answer["processes"]:
        if run_id := run_id_in(facts["name"], installation_id):
            known = found.get(run_id, RunRemains(run_id, facts["since"]))
            found[run_id] = replace(known, processes=known.processes + 1, is_alive=True)
    return list(found.values())


def run_id_in(name: str, installation_id: str) -> str:
    """Return the run's id that is in the name of a run folder, empty where it is none of ours."""
    run_id = name.removeprefix(f"{installation_id}-")
    return run_id if run_id != name and RUN_ID.fullmatch(run_id) else ""
