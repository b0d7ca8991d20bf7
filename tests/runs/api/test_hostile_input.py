"""Bad names and fields everywhere: each is taken as the text that it is or refused with a reason, never an error of
ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from projects.models import Project
from runs.models import Run
from tests.runs.api.conftest import Api

TEXTS = {
    "markup": "<b>",
    "template variable": "{{7*7}}",
    "template tag": "{% load %}",
    "quotes": "'\"",
    "formula": "=1+1",
    "turned direction": "\u202eabc",
    "emoji": "😀",
    "long": "x" * 10_000,
    "NUL": "a\0b",
    "newline": "a\nb",
    "blanks around": "  a  ",
    "only blanks": "   ",
    "zero width": "\u200b",
    "homoglyph": "hеllo",
    "combining flood": "e" + "\u0301" * 500,
    "null": "null",
    "undefined": "undefined",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "minus nought": "-0",
    "2^63": str(2**63),
    "1e400": "1e400",
    "parent": "..",
    "device": "con",
    "format": "%s",
    "percent nought": "%00",
    "javascript": "javascript:alert(1)",
    "data": "data:text/html,x",
    "share": "\\\\host\\x",
    "prototype": "__proto__",
    "lone surrogate": "\ud800",
    "control": "\x1b[2J",
}
VALUES: dict[str, Any] = {
    "list": [],
    "object": {},
    "number": 5,
    "huge number": 2**70,
    "fraction": 0.5,
    "true": True,
    "null": None,
    "nested": [[["x"]]],
    "many": ["x"] * 1_001,
}
FIELDS = ["script", "target", "run_configuration", "description"]


def post(client: Client, body: str | bytes, content_type: str = "application/json") -> Any:
    """Post the body of a run as it is."""
    return client.post("/api/v1/projects/hello/runs", body, content_type=content_type)


def hold_to_contract(response: Any, *, name: str) -> None:
    """A refusal is 4xx in the one shape; what was taken is taken."""
    assert response.status_code < 500, (name, response.content)
    if response.status_code >= 400:
        assert {"error", "detail", "remedy"} <= response.json().keys() <= {"error", "detail", "remedy", "fields"}
        assert all(response.json()[key] for key in ("error", "detail", "remedy"))


@pytest.fixture
def client(api: Api, project: Project, local_target: object, bob: User) -> Client:
    """Bob, who may run things."""
    return api(bob)


@pytest.mark.parametrize("name", TEXTS)
def test_any_text_in_any_field_is_taken_literally_or_refused(client: Client, name: str) -> None:
    text = TEXTS[name]
    good = {"script": "hello.py", "target": "local"}
    bodies: list[dict[str, Any]] = [good | {field: text} for field in FIELDS]
    bodies += [
        good | {"arguments": [text]},
        good | {"tags": [text]},
        good | {"environment_variables": {text: "x"}},
        good | {"environment_variables": {"X": text}},
        good | {"secret_variables": {text: "xxxx"}},
        good | {"secret_variables": {"X": text}},
        good | {text: 1},
    ]
    for body in bodies:
        response = post(client, json.dumps(body))
        hold_to_contract(response, name=name)
        if response.status_code == 201 and body.get("arguments"):
            assert Run.objects.latest("number").arguments == [text]
    assert client.get("/api/v1/projects/hello/runs?limit=100").status_code == 200


@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_another_kind_is_refused_on_its_field(client: Client, name: str) -> None:
    good = {"script": "hello.py", "target": "local"}
    lists = ["arguments", "tags", "environment_variables", "secret_variables", "time_limit_seconds"]
    for field in [*FIELDS, *lists]:
        response = post(client, json.dumps(good | {field: VALUES[name]}))
        hold_to_contract(response, name=f"{name} in {field}")


@pytest.mark.parametrize("name", TEXTS)
def test_any_text_in_an_address_is_a_name_or_nothing(client: Client, name: str) -> None:
    text = quote(TEXTS[name].encode("utf-8", "surrogatepass"), safe="")
    for address in (
        f"/api/v1/projects/{text}",
        f"/api/v1/projects/{text}/runs",
        f"/api/v1/projects/hello/runs/{text}",
        f"/api/v1/targets/{text}/checks/1",
        f"/api/v1/targets/local/checks/{text}",
        f"/api/v1/projects/hello/runs/1/outputs/{text}",
        *(
            f"/api/v1/projects/hello/runs?{field}={text}"
            for field in ("state", "target", "script", "tag", "person", "sort", "cursor", "limit")
        ),
        f"/api/v1/projects/hello/runs?sort=metric:{text}",
        f"/api/v1/projects/hello/runs?{text}={text}",
    ):
        hold_to_contract(client.get(address), name=address[:200])
    response = client.post(
        "/api/v1/projects/hello/runs",
        '{"script": "hello.py", "target": "local"}',
        content_type="application/json",
        headers={"idempotency-key": TEXTS[name].encode("utf-8", "surrogatepass").decode("latin-1")},
    )
    hold_to_contract(response, name=name)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"x", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b"{} {}", 400),
        (b'{"script": "a", "script": "b"}', 400),
        (b'{"environment_variables": {"A": "1", "A": "2"}}', 400),
        (b'{"time_limit_seconds": NaN}', 400),
        (b'{"time_limit_seconds": -Infinity}', 400),
        (b'{"time_limit_seconds": 1e400}', 422),
        (b'{"time_limit_seconds": ' + b"9" * 5_000 + b"}", 400),
        (b'{"script": "\xff"}', 400),
        (b'{"script": "\xed\xa0\x80"}', 400),
        (b'{"script": "\\ud800"}', 422),
        (b'{"\\u0000": 1}', 400),
        (b"\xef\xbb\xbf{}", 400),
        ('{"script": "hello.py"}'.encode("utf-16"), 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 20_000, 400),
        (b"{'script': 'x'}", 400),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_body_that_is_not_one_strict_object_is_refused(client: Client, body: bytes, status: int) -> None:
    response = post(client, body)
    hold_to_contract(response, name=repr(body)[:80])
    assert response.status_code == status


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_that_is_not_called_json_is_refused(client: Client, content_type: str) -> None:
    response = post(client, "{}", content_type=content_type)
    hold_to_contract(response, name=content_type)
    assert response.status_code == 415


def test_a_body_beyond_the_limit_is_too_large(client: Client) -> None:
    response = post(client, json.dumps({"description": "x" * 3_000_000}))
    hold_to_contract(response, name="3 MB")
    assert response.status_code == 413


def test_a_metric_of_any_name_is_read_back(client: Client, run: Run) -> None:
    names = ["a/b", "'\"", "loss loss", "__proto__", "é😀"]
    for name in names:
        run.latest_metrics.create(name=name, step=-1, time=0.0, value=1.0)
    assert set(client.get("/api/v1/projects/hello/runs/1").json()["metrics"]) == set(names)


@pytest.mark.parametrize("typed", [{"arguments": ["a", "b\0"]}, {"environment_variables": {"A": "\ud800"}}])
def test_a_text_that_nothing_can_store_is_refused_on_its_field(client: Client, typed: dict[str, Any]) -> None:
    answer = post(client, json.dumps({"script": "hello.py", "target": "local", **typed}))
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == list(typed)
    assert "remove it" in answer.json()["fields"][next(iter(typed))][0]
    assert not Run.objects.exists()
