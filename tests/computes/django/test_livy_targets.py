"""Targets behind Livy as rows: their check, and what is not done to them."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from computes.build_requests import place_of
from computes.cache_cleaning import clean_caches_of, targets_with_caches
from computes.checking import request_check
from computes.environment_asking import Asked, digest_of, manages_environments
from computes.models import ComputeTarget, TargetCheck, TargetEnvironment
from computes.packing_settings import packing_settings
from computes.refusals import TargetRefused
from computes.survey_work import carry_out_survey
from computes.switching import enable_target
from computes.target_settings import settings_of
from computes.target_state import state_of
from computes.tasks import check_target
from computes.trust import trust_statement_on
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


def test_what_no_run_needs_any_more_goes_from_its_storage_by_itself(
    far: ComputeTarget, tmp_path: Path, settings: Settings
) -> None:
    grave = tmp_path / "mounted/ended" / f"{settings.INSTALLATION_ID}-{'0' * 32}"
    mark = tmp_path / "mounted/.amlweb" / settings.INSTALLATION_ID
    for path in (grave, mark):
        path.parent.mkdir()
        path.write_bytes(b"cleaned_up")
    assert clean_caches_of(far.pk) == 0
    os.utime(grave, (0, time.time() - 31 * 86_400))
    assert targets_with_caches() == [far]
    assert clean_caches_of(far.pk) == len(b"cleaned_up")
    assert not grave.exists()


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


def test_it_is_checked_and_looked_at_now_and_then(far: ComputeTarget, ada: User, client: Client) -> None:
    look_at(far)
    assert (far.checks.count(), far.surveys.count()) == (1, 1)
    assert carry_out_survey(far.surveys.get().pk)
    client.force_login(ada)
    page = client.get(far.get_absolute_url()).content.decode()
    assert "those of the cluster's Python" in page
    assert "Space and leftovers" in page
    assert "Run folders" in page
    assert client.post(reverse("compute_survey", args=["far"])).status_code == 302
    assert far.surveys.count() == 2


def test_its_scripts_use_the_python_of_the_cluster(far: ComputeTarget) -> None:
    assert settings_of(far).user_managed_environment
    assert not manages_environments(far)


def test_environments_for_it_fit_what_the_nodes_are_said_to_have(far: ComputeTarget, data_dir: Path) -> None:
    far.user_managed_environment = False
    assert manages_environments(far)
    assert packing_settings(far).glibc == "2.17"
    assert Path(packing_settings(far).folder).is_relative_to(data_dir)
    before = digest_of(Asked(conda=("python",)), far)
    far.environment_variables = {"CONDA_OVERRIDE_GLIBC": "2.28"}
    assert packing_settings(far).glibc == "2.28"
    assert digest_of(Asked(conda=("python",)), far) != before
    place = place_of(TargetEnvironment(target=far, asked=Asked().to_json()))
    assert (place["kind"], place["packing"]["glibc"], place["packing"]["cuda"]) == ("packed", "2.28", "")
    far.environment_variables["CONDA_OVERRIDE_CUDA"] = "12.2"
    assert packing_settings(far).cuda == "12.2"
    assert place["settings"]["livy"]["storage_uri"] == far.storage_uri


def test_in_team_mode_it_is_off_until_somebody_says_that_builds_may_run_on_the_server(
    far: ComputeTarget, ada: User, settings: Settings, client: Client
) -> None:
    settings.MODE = "team"
    assert far.is_on
    assert not trust_statement_on(far).is_grave
    far.user_managed_environment = False
    far.save()
    assert not far.is_on
    assert not ComputeTarget.objects.switched_on().filter(pk=far.pk).exists()
    assert "builds of environments" in state_of(far, None).text
    with pytest.raises(TargetRefused, match="own user account") as refused:
        enable_target(far, ada)
    assert refused.value.field == "understood"
    client.force_login(ada)
    page = client.get(reverse("compute_enable", args=["far"])).content.decode()
    assert "Environments are built on this server by its own user account" in page
    assert "any code on the cluster" not in page
    enable_target(far, ada, understood=True)
    assert ComputeTarget.objects.switched_on().get(pk=far.pk).is_on
    assert trust_statement_on(far).is_grave
