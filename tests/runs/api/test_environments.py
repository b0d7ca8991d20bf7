"""Environments over the API: asked for, watched, read, and hidden from strangers."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from computes.build_folder import append_line
from computes.environments.lock_json import lock_from_json
from computes.models import ComputeTarget, TargetEnvironment
from runs.api.answer_schemas import EnvironmentDetails, EnvironmentFacts, EnvironmentList
from tests.computes.django.environment_parts import Workshop, is_over, work_until
from tests.runs.api.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)
PREPARE = "/api/v1/projects/hello/environments"


def test_an_environment_is_prepared_watched_and_read(api: Api, bob: User, workshop: Workshop) -> None:
    client = api(bob)
    asked = client.post(PREPARE, {"target": "bench"}, content_type="application/json")
    assert asked.status_code == 202
    facts = EnvironmentFacts.model_validate(asked.json())
    assert (facts.state, facts.hash, facts.target) == ("building", "", "bench")
    assert facts.asked["conda"] == ["python 3.11.*"], "the project has no file, so it gets the usual Python"
    again = client.post(PREPARE, {"target": "bench"}, content_type="application/json")
    assert again.json()["key"] == facts.key
    work_until(is_over, TargetEnvironment.objects.get())
    details = EnvironmentDetails.model_validate(client.get(f"/api/v1/environments/{facts.key}").json())
    assert [target.state for target in details.targets] == ["ready"]
    assert [(package.name, package.version) for package in details.packages] == [("python", "3.11.9")]
    lock = client.get(f"/api/v1/environments/{details.hash}/lock")
    assert lock_from_json(lock.content.decode()).hash == details.hash
    explicit = client.get(f"/api/v1/environments/{details.hash}/explicit")
    assert "@EXPLICIT" in explicit.content.decode()
    assert "https://conda.example/python.conda#" in explicit.content.decode()
    listed = EnvironmentList.model_validate(client.get("/api/v1/environments").json())
    assert [each.key for each in listed.environments] == [details.hash]


def test_a_builds_log_is_followed_by_offset_and_the_build_is_canceled(
    api: Api, bob: User, vera: User, charlie: User, workshop: Workshop
) -> None:
    client = api(bob)
    facts = client.post(PREPARE, {"target": "bench"}, content_type="application/json").json()
    place = f"/api/v1/environments/{facts['key']}/on/{facts['id']}"
    append_line(facts["id"], "Fetching 1")
    append_line(facts["id"], "Linking 2")
    begun = api(vera).get(f"{place}/log", {"limit": 10})
    assert read(begun) == b"Fetching 1"
    assert (begun["X-Log-Offset"], begun["X-Log-Next"], begun["X-Log-Complete"]) == ("0", "10", "false")
    rest = client.get(f"{place}/log", {"from": 11})
    assert read(rest) == b"Linking 2\n"
    assert rest["X-Log-Complete"] == "false", "the build goes on"
    for path in (place.replace(f"/{facts['id']}", "/99999"), place.replace(facts["key"], "0" * 32)):
        assert client.get(f"{path}/log").status_code == client.post(f"{path}/cancel").status_code == 404
    assert api(charlie).get(f"{place}/log").status_code == api(charlie).post(f"{place}/cancel").status_code == 404
    assert api(vera).post(f"{place}/cancel").status_code == 403
    for _ in range(2):
        canceled = client.post(f"{place}/cancel")
        assert (canceled.status_code, EnvironmentFacts.model_validate(canceled.json()).state) == (202, "building")
    row = work_until(is_over, TargetEnvironment.objects.get())
    assert (row.state, row.canceled_by) == (TargetEnvironment.State.FAILED, bob)
    whole = client.get(f"{place}/log")
    assert read(whole).startswith(b"Fetching 1\nLinking 2\n")
    assert whole["X-Log-Complete"] == "true"
    late = client.post(f"{place}/cancel")
    assert (late.status_code, late.json()["error"]) == (409, "build_has_ended")


def read(response: Any) -> bytes:
    """Return the bytes of an answer that is streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def test_strangers_see_none_of_it(api: Api, bob: User, charlie: User, workshop: Workshop) -> None:
    key = api(bob).post(PREPARE, {"target": "bench"}, content_type="application/json").json()["key"]
    client = api(charlie)
    assert client.get("/api/v1/environments").json() == {"environments": []}
    unknown = client.get(f"/api/v1/environments/{'0' * 32}")
    hidden = client.get(f"/api/v1/environments/{key}")
    assert (hidden.status_code, hidden.json()) == (404, unknown.json())
    assert client.post(PREPARE, {"target": "bench"}, content_type="application/json").status_code == 404


def test_what_cannot_be_prepared_is_refused_on_its_field(
    api: Api, bob: User, vera: User, workshop: Workshop, local_target: ComputeTarget
) -> None:
    client = api(bob)
    for wanted, field in (
        ({"target": "local"}, "target"),
        ({"target": "nowhere"}, "target"),
        ({"target": "bench", "run_configuration": "none"}, "run_configuration"),
    ):
        refused = client.post(PREPARE, wanted, content_type="application/json")
        assert (refused.status_code, list(refused.json()["fields"])) == (422, [field])
    assert api(vera).post(PREPARE, {"target": "bench"}, content_type="application/json").status_code == 403
    assert not TargetEnvironment.objects.exists()
