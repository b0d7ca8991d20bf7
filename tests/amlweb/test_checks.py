"""Each system check fires on what it is there for, and is silent on our own settings."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as our_settings
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from amlweb import checks
from amlweb.installation import refuse_foreign_database
from amlweb.models import Installation

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL;"},
}


def identities(messages: list[CheckMessage]) -> list[str | None]:
    """Return the ids of messages, each of which must come with a hint."""
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_our_own_settings_pass(data_dir: Path) -> None:
    found = [*checks.check_task_queue(), *checks.check_connections(), *checks.check_sqlite()]
    assert found + checks.check_data_folder() + checks.check_key_file() == []


@pytest.mark.parametrize(
    ("change", "identity"),
    [
        ({"retry": 120, "timeout": 60}, "amlweb.E001"),
        ({"timeout": 0}, "amlweb.E001"),
        ({"max_attempts": 0}, "amlweb.E002"),
        ({"ack_failures": False}, "amlweb.E003"),
        ({"queue_limit": 50}, "amlweb.E004"),
        ({"save_limit": 250}, "amlweb.E005"),
        ({"catch_up": True}, "amlweb.E006"),
        ({"broker_class": None, "redis": None}, "amlweb.E007"),
    ],
)
def test_a_task_queue_that_repeats_or_delays_is_refused(
    settings: Settings, change: dict[str, Any], identity: str
) -> None:
    settings.Q_CLUSTER = {**our_settings.Q_CLUSTER, **change}
    assert identities(checks.check_task_queue()) == [identity]


def test_transactions_around_requests_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(our_settings, "DATABASES", {"default": {**SQLITE, "ATOMIC_REQUESTS": True}})
    assert identities(checks.check_connections()) == ["amlweb.E011"]


@pytest.mark.parametrize("age", [60, None])
def test_persistent_connections_are_refused(monkeypatch: pytest.MonkeyPatch, age: int | None) -> None:
    monkeypatch.setattr(our_settings, "DATABASES", {"default": {**SQLITE, "CONN_MAX_AGE": age}})
    assert identities(checks.check_connections()) == ["amlweb.E012"]


@pytest.mark.parametrize(
    "change", [{"transaction_mode": "DEFERRED"}, {"timeout": 1}, {"init_command": "PRAGMA synchronous=NORMAL;"}]
)
def test_sqlite_that_would_say_locked_is_refused(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    monkeypatch.setattr(our_settings, "DATABASES", {"default": {**SQLITE, "OPTIONS": {**SQLITE["OPTIONS"], **change}}})
    assert identities(checks.check_sqlite()) == ["amlweb.E013"]


def test_a_data_folder_that_cannot_be_written_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "nowhere"
    assert identities(checks.check_data_folder()) == ["amlweb.E021"]


@pytest.mark.parametrize("mode", [0o704, 0o777, 0o755])
def test_a_data_folder_that_is_open_to_everybody_is_refused(data_dir: Path, mode: int) -> None:
    data_dir.chmod(mode)
    assert identities(checks.check_data_folder()) == ["amlweb.E022"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_can_read_is_refused(data_dir: Path, settings: Settings, mode: int) -> None:
    Path(settings.KEY_FILE).write_text("key")
    Path(settings.KEY_FILE).chmod(mode)
    assert identities(checks.check_key_file()) == ["amlweb.E023"]


@pytest.mark.django_db
def test_a_new_database_belongs_to_the_data_folder_it_was_made_with() -> None:
    Installation.objects.get_or_create(pk=our_settings.INSTALLATION_ID)
    assert checks.check_same_installation(databases=["default"]) == []


@pytest.mark.django_db
def test_a_data_folder_of_another_installation_is_refused() -> None:
    Installation.objects.all().delete()
    Installation.objects.create(pk="0123456789ab")
    assert identities(checks.check_same_installation(databases=["default"])) == ["amlweb.E024"]


@pytest.mark.django_db(transaction=True)
def test_the_web_process_refuses_the_database_of_another_installation() -> None:
    Installation.objects.all().delete()
    Installation.objects.create(pk="0123456789ab")
    with pytest.raises(ImproperlyConfigured, match="installation 0123456789ab"):
        refuse_foreign_database()
