"""A new key for all secrets at rest, also when the rotation was broken off."""

import fcntl
import stat
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django import Settings

from amlweb.key_rotation import put_new_key_in_front, seal_all_anew, sealed_fields
from computes.models import ComputeTarget
from projects.models import Project, SourceImport
from projects.secret_box import SealBroken, seal, unseal
from runs.models import Run, SecretVariable
from tests.computes.django.run_rows import add_run


@pytest.fixture
def key_file(settings: Settings, data_dir: Path) -> Path:
    return Path(settings.KEY_FILE)


@pytest.fixture
def run(project: Project, local_target: ComputeTarget) -> Run:
    return add_run(project, local_target, 1)


def seal_variable(run: Run, name: str, text: str) -> SecretVariable:
    row: SecretVariable = run.secret_variables.create(name=name, sealed_value="")
    row.sealed_value = seal("secret_variable", row.pk, "value", text)
    row.save()
    return row


def unsealed(row: SecretVariable) -> str:
    row.refresh_from_db()
    return unseal("secret_variable", row.pk, "value", row.sealed_value)


def rotate(*arguments: str) -> str:
    out = StringIO()
    call_command("rotatekeys", *arguments, stdout=out)
    return out.getvalue()


def test_every_field_for_sealed_text_is_known() -> None:
    assert {(model, name) for model, name in sealed_fields()} >= {
        (SecretVariable, "sealed_value"),
        (SourceImport, "sealed_credential"),
    }


def test_all_secrets_open_with_the_new_key_alone(run: Run, project: Project, key_file: Path) -> None:
    row = seal_variable(run, "TOKEN", "hammer")
    source = SourceImport.objects.create(project=project, location="https://example.org/x.git")
    source.sealed_credential = seal("source_import", source.pk, "credential", "chisel")
    source.save()
    SourceImport.objects.create(project=project, location="https://example.org/y.git")
    said = rotate()
    assert "2 secrets were sealed anew" in said
    assert len(key_file.read_text().split()) == 2
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    key_file.write_text(key_file.read_text().split()[0])
    source.refresh_from_db()
    assert unsealed(row) == "hammer"
    assert unseal("source_import", source.pk, "credential", source.sealed_credential) == "chisel"


def test_a_rotation_that_broke_off_is_finished_without_another_key(run: Run, key_file: Path) -> None:
    rows = [seal_variable(run, f"TOKEN_{number}", f"hammer {number}") for number in range(3)]
    put_new_key_in_front(key_file)
    half = SecretVariable.objects.get(pk=rows[0].pk)
    seal_all_anew(key_file)
    SecretVariable.objects.exclude(pk=half.pk).update(sealed_value=rows[1].sealed_value)
    SecretVariable.objects.filter(pk=rows[2].pk).update(sealed_value=rows[2].sealed_value)
    said = rotate()
    assert "was not finished" in said
    assert "2 secrets were sealed anew, 1 were so already" in said
    key_file.write_text(key_file.read_text().split()[0])
    assert [unsealed(row) for row in rows] == ["hammer 0", "hammer 1", "hammer 2"]


def test_older_keys_stay_until_they_are_to_be_forgotten(run: Run, key_file: Path) -> None:
    row = seal_variable(run, "TOKEN", "hammer")
    old = row.sealed_value
    rotate()
    rotate()
    assert len(key_file.read_text().split()) == 3
    assert unseal("secret_variable", row.pk, "value", old) == "hammer"
    assert "2 older keys were removed" in rotate("--forget-older")
    assert unsealed(row) == "hammer"
    with pytest.raises(SealBroken):
        unseal("secret_variable", row.pk, "value", old)


def test_forgetting_first_seals_what_still_needs_an_older_key(run: Run, key_file: Path) -> None:
    row = seal_variable(run, "TOKEN", "hammer")
    put_new_key_in_front(key_file)
    rotate("--forget-older")
    assert len(key_file.read_text().split()) == 1
    assert unsealed(row) == "hammer"


def test_secrets_that_no_key_opens_are_named_and_keep_the_older_keys(run: Run, key_file: Path) -> None:
    lost = seal_variable(run, "LOST", "saw")
    key_file.write_text(Fernet.generate_key().decode() + "\n")
    row = seal_variable(run, "TOKEN", "hammer")
    with pytest.raises(CommandError, match=rf"runs\.SecretVariable {lost.pk}\. Put the keys"):
        rotate()
    assert unsealed(row) == "hammer"
    with pytest.raises(CommandError):
        rotate("--forget-older")
    assert len(key_file.read_text().split()) == 2


def test_two_rotations_at_once_are_refused(run: Run, key_file: Path) -> None:
    seal_variable(run, "TOKEN", "hammer")
    with open(key_file.with_name("keys.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="Another process"):
            rotate()


def test_a_file_that_holds_no_keys_is_left_alone(run: Run, key_file: Path) -> None:
    key_file.write_text("not a key\n")
    with pytest.raises(CommandError, match="does not hold keys"):
        rotate()
    assert key_file.read_text() == "not a key\n"
