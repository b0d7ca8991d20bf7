"""What a start makes sure of."""

import os
import socket
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from pytest_django import Settings

from amlweb.preparing.address import refuse_taken_address
from amlweb.preparing.administrator import create_administrator
from amlweb.preparing.data_lock import take_sole_use_of
from amlweb.preparing.local_target import create_local_target
from amlweb.preparing.refusal import CannotStart
from amlweb.preparing.static_files import fingerprint
from computes.detaching import detach_target
from computes.models import ComputeTarget
from tests.stack.processes import free_port


def test_a_taken_port_is_named_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} on 127.0.0.1 is in use.*\n.*AMLWEB_PORT={port + 1}"):
            refuse_taken_address("127.0.0.1", port)


def test_an_address_of_another_machine_is_named_with_a_remedy() -> None:
    with pytest.raises(CannotStart, match=r"cannot listen on 192\.0\.2\.1.*\n.*AMLWEB_HOST"):
        refuse_taken_address("192.0.2.1", free_port())


def test_a_free_address_is_accepted() -> None:
    refuse_taken_address("localhost", free_port())


def test_a_second_server_on_the_same_data_folder_is_refused(tmp_path: Path) -> None:
    first = take_sole_use_of(tmp_path)
    with pytest.raises(CannotStart, match="already running on the data folder"):
        take_sole_use_of(tmp_path)
    os.close(first)
    os.close(take_sole_use_of(tmp_path))


@pytest.mark.django_db
def test_the_first_administrator_gets_the_given_password(settings: Settings) -> None:
    settings.ADMIN_PASSWORD = "given"
    assert create_administrator() is not None
    admin = User.objects.get(username="admin")
    assert admin.is_superuser
    assert admin.check_password("given")


@pytest.mark.django_db
def test_the_first_administrator_gets_a_random_password_otherwise(settings: Settings) -> None:
    settings.ADMIN_PASSWORD = ""
    created = create_administrator()
    assert created is not None
    user, password = created
    assert len(password) >= 16
    assert user.check_password(password)


def test_no_administrator_is_made_where_there_is_one(ada: User) -> None:
    assert create_administrator() is None
    assert User.objects.count() == 1


def test_the_local_target_is_on_for_one_person(data_dir: Path, ada: User, settings: Settings) -> None:
    settings.MODE = "single"
    target = create_local_target(ada)
    assert target is not None
    assert target.is_enabled
    assert target.slots == os.cpu_count()
    assert target.work_folder == str(data_dir / "work" / "local")


def test_the_local_target_is_off_for_a_team(data_dir: Path, ada: User, settings: Settings) -> None:
    settings.MODE = "team"
    target = create_local_target(ada)
    assert target is not None
    assert not target.is_enabled


def test_the_local_target_takes_the_sample_interpreter_when_it_is_there(
    data_dir: Path, ada: User, settings: Settings
) -> None:
    python = Path(settings.SAMPLE_PYTHON)
    python.parent.mkdir(parents=True)
    python.touch()
    target = create_local_target(ada)
    assert target is not None
    assert target.python_location == str(python)


def test_a_removed_local_target_does_not_come_back_beside_others(local_target: ComputeTarget, ada: User) -> None:
    ComputeTarget.objects.update(name="other")
    assert create_local_target(ada) is None


def test_a_local_target_that_was_detached_does_not_come_back(local_target: ComputeTarget, ada: User) -> None:
    detach_target(local_target, ada)
    assert create_local_target(ada) is None


def test_a_changed_static_file_changes_the_fingerprint(tmp_path: Path, settings: Settings) -> None:
    settings.STATICFILES_DIRS = [tmp_path]
    finders.get_finder.cache_clear()
    (tmp_path / "page.css").write_text("a")
    before = fingerprint()
    assert fingerprint() == before
    (tmp_path / "page.css").write_text("ab")
    changed = fingerprint()
    finders.get_finder.cache_clear()
    assert changed != before
