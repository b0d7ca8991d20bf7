"""Attaching and editing targets, with what is refused in words."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from computes.attaching import FROZEN_WHILE_RUNNING, attach_target, edit_target
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import changes_of
from computes.target_settings import settings_of
from projects.models import Project
from runs.status import State
from tests.computes.django.cluster_parts import let_kind_wait
from tests.computes.django.run_rows import add_run

NEW_FACTS: dict[str, object] = {
    "work_folder": "/srv/other",
    "python_location": "/opt/other/bin/python",
    "address": "other.example",
    "port": 2222,
    "username": "other",
    "docker_socket": "/run/other.sock",
    "shared_volumes": False,
    "spark_master": "spark://head:7077",
    "yarn_deploy_mode": "cluster",
    "livy_url": "https://livy.lab.example",
    "livy_username": "livy",
    "livy_proxy_user": "trainer",
    "storage_username": "amlweb",
    "storage_uri": "hdfs:///user/amlweb",
}


def test_an_attached_target_is_on_checked_and_noted(ada: User, data_dir: Path) -> None:
    target = attach_target(ada, "attic", "local", {"slots": 3, "python_location": "~/py/bin/python"})
    assert (target.is_on, target.slots, target.created_by) == (True, 3, ada)
    assert target.checks.count() == 1
    assert changes_of(target).get().user == ada


def test_in_team_mode_an_attached_local_target_is_off(ada: User, settings: Settings, data_dir: Path) -> None:
    settings.MODE = "team"
    target = attach_target(ada, "attic", "local", {})
    assert not target.is_enabled
    assert not target.is_on


def test_a_kind_without_an_executor_is_refused_in_words(
    ada: User, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_kind_wait(monkeypatch, "livy")
    with pytest.raises(TargetRefused, match="not supported yet") as refused:
        attach_target(ada, "attic", "livy", {})
    assert refused.value.field == "kind"
    assert not ComputeTarget.objects.filter(name="attic").exists()


def test_a_name_is_given_once(shed: ComputeTarget, ada: User) -> None:
    with pytest.raises(TargetRefused, match="Choose another name") as refused:
        attach_target(ada, "shed", "local", {})
    assert refused.value.field == "name"


def test_settings_take_paths_literally_and_give_a_folder_where_none_is_set(shed: ComputeTarget) -> None:
    shed.python_location, shed.environment_variables = "~/py", {"A": "b c"}
    settings = settings_of(shed)
    assert settings.work_folder == str(django_settings.LOCAL_WORK_FOLDER / "shed")
    assert (settings.python_location, settings.environment, settings.kind) == ("~/py", {"A": "b c"}, "local")
    shed.work_folder = "~/elsewhere"
    assert settings_of(shed).work_folder == "~/elsewhere"


@pytest.mark.parametrize("field", FROZEN_WHILE_RUNNING)
@pytest.mark.parametrize(
    "facts",
    [
        {"state": State.PREPARING},
        {"state": State.RUNNING},
        {"state": State.FINALIZING},
        {"state": State.QUEUED, "admitted_at": timezone.now()},
    ],
)
def test_what_leads_to_running_runs_is_frozen(
    facts: dict[str, object], field: str, shed: ComputeTarget, project: Project, ada: User
) -> None:
    add_run(project, shed, 1, **facts)
    with pytest.raises(TargetRefused, match="Drain the target") as refused:
        edit_target(shed, ada, {field: NEW_FACTS[field], "slots": 9})
    assert refused.value.field == field
    shed.refresh_from_db()
    assert shed.slots == 4
    assert edit_target(shed, ada, {field: getattr(shed, field), "slots": 9}) == ["slots"]


@pytest.mark.parametrize("state", [State.QUEUED, State.COMPLETED])
def test_runs_that_wait_or_have_ended_freeze_nothing(
    state: State, shed: ComputeTarget, project: Project, ada: User
) -> None:
    add_run(project, shed, 1, state=state)
    facts = {name: NEW_FACTS[name] for name in ("work_folder", "python_location")}
    assert edit_target(shed, ada, facts) == list(facts)
    assert shed.work_folder == "/srv/other"
    assert changes_of(shed).get().change_message == "Changed work folder, python location."


def test_only_facts_that_may_be_edited_are_edited(shed: ComputeTarget, ada: User) -> None:
    with pytest.raises(ValueError, match="kind, name"):
        edit_target(shed, ada, {"kind": "remote", "name": "other"})
