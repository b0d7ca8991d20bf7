"""What watchdogs are told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from runs.models import Heartbeat

pytestmark = pytest.mark.django_db


def beat(name: str, seconds_ago: float) -> None:
    """Note a sign of life."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now() - timedelta(seconds=seconds_ago)})


def test_the_web_process_is_healthy_without_a_database(client: Client) -> None:
    with connection.execute_wrapper(refuse_queries):
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


def refuse_queries(*arguments: object) -> None:
    """Fail the test at the first query."""
    raise AssertionError("a query was made")


def test_it_is_ready_when_every_part_gave_a_sign_of_life(client: Client) -> None:
    beat("controller", 5)
    beat("workers", 60)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["ready"] is True
    assert set(response.json()["parts"]) == {"database", "controller", "workers"}


@pytest.mark.parametrize(("controller", "workers", "silent"), [(16, 5, "controller"), (5, 91, "workers")])
def test_a_silent_part_makes_it_unready_and_is_named(
    client: Client, controller: float, workers: float, silent: str
) -> None:
    beat("controller", controller)
    beat("workers", workers)
    response = client.get("/readyz")
    assert response.status_code == 503
    parts = response.json()["parts"]
    assert [name for name, part in parts.items() if not part["ok"]] == [silent]
    assert "s ago" in parts[silent]["detail"]


def test_parts_that_never_started_make_it_unready(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["controller"] == {"ok": False, "detail": "never gave a sign of life"}


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_wrong_method_is_told_as_one(address: str) -> None:
    assert Client(enforce_csrf_checks=True).post(address).status_code == 405
