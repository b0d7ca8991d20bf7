"""Targets behind Livy as rows: their check, and what is not done to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from computes.checking import request_check
from computes.environment_asking import manages_environments
from computes.errors import TargetError
from computes.models import ComputeTarget, TargetCheck, TargetSurvey
from computes.surveying import survey_target
from computes.target_settings import settings_of
from computes.tasks import check_target
from runs.controller.target_checks import look_at
from tests.stack.livy_contract import LivyContract, livy_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def livy(tmp_path: Path) -> Iterator[LivyContract]:
    """Return a played Livy."""
    with livy_contract(tmp_path) as played:
        yield played


@pytest.fixture
def far(livy: LivyContract, tmp_path: Path, ada: User, data_dir: object) -> ComputeTarget:
    """Return a target behind it whose storage is a folder."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    facts = {"livy_url": livy.url, "work_folder": str(folder), "storage_uri": f"file://{folder}"}
    target: ComputeTarget = ComputeTarget.objects.create(name="far", kind="livy", created_by=ada, **facts)
    return target


def checked(target: ComputeTarget, ada: User) -> TargetCheck:
    check = request_check(target, ada)
    check_target(check.pk)
    check.refresh_from_db()
    target.refresh_from_db()
    return check


def test_a_check_asks_livy_and_tries_the_storage(far: ComputeTarget, ada: User) -> None:
    check = checked(far, ada)
    assert [item["name"] for item in check.items] == ["Livy", "Encryption", "Work folder", "Storage for drivers"]
    assert check.is_good
    assert (far.contact_problem, far.last_contact_at is None) == ("", False)


def test_a_livy_that_is_not_there_is_no_contact_and_its_return_is_noticed(
    far: ComputeTarget, livy: LivyContract, ada: User
) -> None:
    address = far.livy_url
    ComputeTarget.objects.update(livy_url="http://127.0.0.1:1")
    far.refresh_from_db()
    assert not checked(far, ada).is_good
    assert far.contact_problem.startswith("Livy: ")
    ComputeTarget.objects.update(livy_url=address)
    far.refresh_from_db()
    assert checked(far, ada).is_good
    assert far.contact_problem == ""


def test_it_is_checked_now_and_then_but_nothing_on_this_machine_is_taken_for_its_own(
    far: ComputeTarget, ada: User, client: Client
) -> None:
    look_at(far)
    assert far.checks.count() == 1
    assert not TargetSurvey.objects.exists()
    with pytest.raises(TargetError, match="is not looked for"):
        survey_target(settings_of(far), "ab12")
    client.force_login(ada)
    assert client.post(reverse("compute_survey", args=["far"])).status_code == 302
    page = client.get(far.get_absolute_url()).content.decode()
    assert "those of the cluster's Python" in page
    assert not TargetSurvey.objects.exists()


def test_its_scripts_use_the_python_of_the_cluster(far: ComputeTarget) -> None:
    assert settings_of(far).user_managed_environment
    assert not manages_environments(far)
