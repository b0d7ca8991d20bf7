"""A page that is asked for just when a check ends shows what came of it: nobody asks again then."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from computes.models import ComputeTarget, TargetCheck


@pytest.mark.parametrize("name", ["compute", "compute_check_progress"])
def test_the_state_is_not_older_than_the_check(
    local_target: ComputeTarget, ada: User, client: Client, name: str
) -> None:
    client.force_login(ada)
    check = TargetCheck.objects.create(target=local_target)
    ends = iter([True])

    def end_first(execute: Callable[..., Any], sql: str, *others: Any) -> Any:
        if sql.startswith("SELECT") and TargetCheck._meta.db_table in sql and next(ends, False):
            ComputeTarget.objects.update(contact_problem="The cable is cut.")
            TargetCheck.objects.update(finished_at=timezone.now())
        return execute(sql, *others)

    address = reverse(name, args=["local"] if name == "compute" else ["local", check.pk])
    with connection.execute_wrapper(end_first):
        page = client.get(address, headers={} if name == "compute" else {"HX-Request": "true"}).content.decode()
    assert next(ends, False) is False
    assert "Not reachable" in page
    assert "The cable is cut." in page
