"""Environments over the API: asked for, watched, read, and hidden from strangers."""

import pytest
from django.contrib.auth.models import User

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
