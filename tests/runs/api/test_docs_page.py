"""The description of the API: every call is in it, and only people with an account see it."""

from django.contrib.auth.models import User
from django.test import Client

from tests.runs.api.conftest import Api

CALLS = {
    "/api/v1/projects": {"get", "post"},
    "/api/v1/projects/{slug}": {"get"},
    "/api/v1/projects/{slug}/source": {"put"},
    "/api/v1/projects/{slug}/environments": {"post"},
    "/api/v1/environments": {"get"},
    "/api/v1/environments/{key}": {"get"},
    "/api/v1/environments/{key}/on/{environment_id}/log": {"get"},
    "/api/v1/environments/{key}/on/{environment_id}/cancel": {"post"},
    "/api/v1/environments/{key}/lock": {"get"},
    "/api/v1/environments/{key}/explicit": {"get"},
    "/api/v1/environments/{key}/pixi": {"get"},
    "/api/v1/targets": {"get", "post"},
    "/api/v1/targets/{name}": {"get", "patch", "delete"},
    "/api/v1/targets/{name}/host-key": {"get"},
    "/api/v1/targets/{name}/host-key/scan": {"post"},
    "/api/v1/targets/{name}/host-key/approve": {"post"},
    "/api/v1/targets/{name}/survey": {"get", "post"},
    "/api/v1/targets/{name}/reclaim": {"post"},
    "/api/v1/targets/{name}/nodes": {"get"},
    "/api/v1/targets/{name}/nodes/scan": {"post"},
    "/api/v1/targets/{name}/nodes/approve": {"post"},
    "/api/v1/targets/{name}/script-actions": {"get", "post"},
    "/api/v1/targets/{name}/script-actions/{action_id}": {"get"},
    "/api/v1/targets/{name}/script-actions/{action_id}/stop": {"post"},
    "/api/v1/targets/{name}/script-actions/{action_id}/nodes/{number}/log": {"get"},
    "/api/v1/targets/{name}/check": {"post"},
    "/api/v1/targets/{name}/checks/{check_id}": {"get"},
    "/api/v1/projects/{slug}/runs": {"get", "post"},
    "/api/v1/projects/{slug}/runs/{number}": {"get"},
    "/api/v1/projects/{slug}/runs/{number}/cancel": {"post"},
    "/api/v1/projects/{slug}/runs/{number}/rerun": {"post"},
    "/api/v1/projects/{slug}/runs/{number}/log": {"get"},
    "/api/v1/projects/{slug}/runs/{number}/metrics": {"get"},
    "/api/v1/projects/{slug}/runs/{number}/outputs": {"get"},
    "/api/v1/projects/{slug}/runs/{number}/outputs/{path}": {"get"},
    "/api/v1/projects/{slug}/runs/{number}/snapshot.tar.gz": {"get"},
}


def test_the_description_lists_every_call_with_its_token(api: Api, charlie: User) -> None:
    described = api(charlie).get("/api/v1/openapi.json").json()
    assert {address: set(calls) for address, calls in described["paths"].items()} == CALLS
    assert described["components"]["securitySchemes"]["TokenOrSession"] == {"type": "http", "scheme": "bearer"}
    put = described["paths"]["/api/v1/projects/{slug}/source"]["put"]
    assert "multipart/form-data" in put["requestBody"]["content"]
    post = described["paths"]["/api/v1/projects/{slug}/runs"]["post"]
    assert {parameter["name"] for parameter in post["parameters"]} == {"slug", "Idempotency-Key"}


def test_strangers_are_sent_to_the_login_or_told_to_bring_a_token(db: None) -> None:
    assert Client().get("/api/v1/openapi.json").status_code == 401
    page = Client().get("/api/v1/docs", headers={"accept": "text/html"})
    assert page.status_code == 302
    assert page["Location"] == "/login/?next=/api/v1/docs"
