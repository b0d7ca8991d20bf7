"""Share links: what they show, what they keep back, and when they stop."""

import logging
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from computes.models import ComputeTarget
from projects.models import Membership, Project, Role
from projects.models.access_token import hash_of
from runs.models import LatestMetric, MetricPoint, Output, Run, RunEvent, ShareLink
from runs.sharing import create_link, possible_days, revoke_link, run_shown_by
from runs.submission import Submission, submit_run
from runs.token_masking import TokenMaskingFilter
from runs.visitors import visitor_of

LOG_TEXT = "the very secret of the log"
OUTPUT_TEXT = "the very secret of the output"


@pytest.fixture
def run(project: Project, local_target: ComputeTarget, bob: User) -> Run:
    """A run of Bob's with a log, an output and a metric."""
    run = submit_run(bob, project, Submission(script="hello.py", target="local", tags=("inner-tag",)))
    (run.folder / "outputs").mkdir(parents=True)
    (run.folder / "log").write_text(f"{LOG_TEXT}\n")
    (run.folder / "system.log").write_text("the system's secret\n")
    (run.folder / "outputs" / "table.csv").write_text(OUTPUT_TEXT)
    Output.objects.create(run=run, path="table.csv", size_bytes=len(OUTPUT_TEXT))
    LatestMetric.objects.create(
        run=run, name="accuracy", step=1, time=0.0, value=0.97, lowest=0.9, highest=0.97, points=1
    )
    MetricPoint.objects.create(run=run, name="accuracy", step=1, time=0.0, value=0.97)
    return run


def share(run: Run, by: User, *, log: bool = False, outputs: bool = False, days: int = 7) -> str:
    """Make a link and return its path."""
    _, address = create_link(run, by, days=days, shows_log=log, shows_outputs=outputs)
    return urlsplit(address).path


def token_in(path: str) -> str:
    """Return the token of a link's path."""
    return path.split("/")[2]


def look(path: str) -> Any:
    """Open a page without any account."""
    return Client().get(path)


def test_a_link_shows_state_and_metrics_and_nothing_that_was_not_ticked(run: Run, alice: User) -> None:
    path = share(run, alice)
    page = look(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert "hello.py" in text
    assert "accuracy" in text
    assert LOG_TEXT not in text
    assert "table.csv" not in text
    assert look(f"{path}log/").status_code == 404
    assert look(f"{path}outputs/").status_code == 404
    assert look(f"{path}outputs/table.csv").status_code == 404
    assert look(f"{path}metrics/series/?name=accuracy").json() == {"name": "accuracy", "points": [[1, 0.97]]}


def test_a_failed_runs_last_words_belong_to_the_log(run: Run, alice: User) -> None:
    Run.objects.filter(pk=run.pk).update(state="failed", reason="script_failed", failure_excerpt=LOG_TEXT)
    assert LOG_TEXT not in look(share(run, alice)).content.decode()
    assert LOG_TEXT in look(share(run, alice, log=True)).content.decode()


def test_what_went_wrong_in_the_words_of_the_log_belongs_to_the_log(run: Run, alice: User) -> None:
    Run.objects.filter(pk=run.pk).update(state="failed", reason="script_failed", reason_detail=f"Error: {LOG_TEXT}")
    hidden = look(share(run, alice)).content.decode()
    assert "The script ended with an error." in hidden
    assert LOG_TEXT not in hidden
    assert f"Error: {LOG_TEXT}" in look(share(run, alice, log=True)).content.decode()


def test_a_visitor_hears_nothing_of_the_processes_and_people_behind_the_run(run: Run, alice: User) -> None:
    path = share(run, alice, log=True)
    for facts in (
        {"state": "running"},
        {"state": "running", "unreachable_since": timezone.now()},
        {"state": "running", "is_supervised": False},
        {"state": "failed", "reason": "interpreter_not_found"},
    ):
        Run.objects.filter(pk=run.pk).update(**facts)
        text = look(path).content.decode().lower()
        assert not [word for word in ("controller", "administrator", "supervisor") if word in text]


def test_log_and_outputs_are_shown_where_they_are_ticked(run: Run, alice: User) -> None:
    path = share(run, alice, log=True, outputs=True)
    assert LOG_TEXT in look(path).content.decode()
    assert b"".join(look(f"{path}log/").streaming_content) == f"{LOG_TEXT}\n".encode()
    assert "table.csv" in look(f"{path}outputs/").content.decode()
    assert OUTPUT_TEXT in look(f"{path}outputs/?file=table.csv").content.decode()
    assert b"".join(look(f"{path}outputs/table.csv").streaming_content) == OUTPUT_TEXT.encode()
    for address in (path, f"{path}log/"):
        response = look(f"{address}?stream=system")
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert b"the system's secret" not in content


def test_nothing_leads_from_a_shared_page_into_the_installation(run: Run, alice: User, project: Project) -> None:
    path = share(run, alice, log=True, outputs=True)
    for address in (path, f"{path}metrics/", f"{path}outputs/?file=table.csv", "/share/unknown/"):
        text = look(address).content.decode()
        links = re.findall(r'(?:href|src|action|hx-[a-z]+|data-[a-z]+)="(/[^"]*)"', text)
        assert links
        assert [link for link in links if not link.startswith(("/static/", path, "/ws/share/"))] == []
        assert "inner-tag" not in text
        assert "/projects/" not in text
        assert str(run.folder) not in text


def test_a_waiting_run_does_not_tell_of_other_peoples_runs(run: Run, alice: User) -> None:
    Run.objects.filter(pk=run.pk).update(wait_reason="behind run 12 of Zacharias and 1 more")
    assert "Zacharias" not in look(share(run, alice)).content.decode()


def test_shared_pages_are_kept_out_of_caches_search_engines_and_referers(run: Run, alice: User) -> None:
    path = share(run, alice, log=True, outputs=True)
    for address in (path, f"{path}log/", f"{path}metrics/", f"{path}outputs/table.csv", "/share/unknown/"):
        response = look(address)
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert response["Cache-Control"] == "no-store"


def test_every_token_that_opens_nothing_gets_the_same_answer(run: Run, alice: User) -> None:
    path = share(run, alice)
    token = token_in(path)
    wrong = [token[:-1] + ("A" if token[-1] != "A" else "B"), token[:-1], f"{token}A", "x", "%00", "é" * 43, "A" * 43]
    revoked = ShareLink.objects.get(token_hash=hash_of(token))
    bodies = [look(f"/share/{text}/") for text in wrong]
    revoke_link(revoked, alice)
    bodies.append(look(path))
    assert {response.status_code for response in bodies} == {404}
    assert len({re.sub(r'"x-csrftoken": "\w+"', "", response.content.decode()) for response in bodies}) == 1


def test_an_expired_link_stops(run: Run, alice: User) -> None:
    path = share(run, alice)
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert look(path).status_code == 404


def test_a_link_stops_when_its_maker_may_no_longer_share(run: Run, alice: User, project: Project) -> None:
    path = share(run, alice)
    Membership.objects.filter(user=alice).update(role=Role.RUNNER)
    assert look(path).status_code == 404
    Membership.objects.filter(user=alice).update(role=Role.OWNER)
    assert look(path).status_code == 200
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert look(path).status_code == 404
    User.objects.filter(pk=alice.pk).update(is_active=True)
    Membership.objects.filter(user=alice).delete()
    assert look(path).status_code == 404
    assert visitor_of(scope_of(path)) is None


def test_a_link_goes_with_its_maker_and_with_its_run(run: Run, ada: User, alice: User) -> None:
    by_ada, by_alice = share(run, ada), share(run, alice)
    ada.delete()
    assert look(by_ada).status_code == 404
    run.delete()
    assert look(by_alice).status_code == 404


def scope_of(path: str) -> dict[str, Any]:
    """Return the scope of a websocket that was opened with a link's token."""
    return {"url_route": {"kwargs": {"token": token_in(path)}}, "headers": []}


def test_the_websocket_shows_the_run_and_the_log_only_if_ticked(run: Run, alice: User) -> None:
    without, with_log = visitor_of(scope_of(share(run, alice))), visitor_of(scope_of(share(run, alice, log=True)))
    assert without is not None
    assert with_log is not None
    assert without.run == with_log.run == run
    assert (without.sees_log, with_log.sees_log) == (False, True)


def test_a_link_opens_its_own_run_only_and_no_other_door(run: Run, alice: User, bob: User, project: Project) -> None:
    path = share(run, alice, log=True, outputs=True)
    other = submit_run(bob, project, Submission(script="hello.py", target="local"))
    token = token_in(path)
    bearer = Client(headers={"authorization": f"Bearer {token}"})
    assert bearer.get("/api/v1/projects").status_code == 401
    assert bearer.get(f"/api/v1/projects/hello/runs/{run.number}/log").status_code == 401
    client = Client()
    client.get(path)
    for number in (run.number, other.number):
        assert client.get(f"/projects/hello/runs/{number}/").status_code in (302, 404)
        assert client.post(f"/projects/hello/runs/{number}/cancel/").status_code in (302, 403, 404)
    assert Run.objects.get(pk=run.pk).cancel_requested_at is None


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_shared_run_is_only_read(run: Run, alice: User, method: str) -> None:
    path = share(run, alice, log=True, outputs=True)
    for address in (path, f"{path}log/", f"{path}metrics/", f"{path}outputs/", f"{path}outputs/table.csv"):
        assert getattr(Client(), method)(address).status_code == 405


def test_the_token_is_stored_hashed_and_shown_once(run: Run, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    made = client.post("/projects/hello/runs/1/share/", {"days": "14", "shows_log": "on"})
    found = re.search(r"/share/([A-Za-z0-9_-]{43})/", made.content.decode())
    assert found
    assert "no-store" in made["Cache-Control"]
    link = ShareLink.objects.get()
    assert link.token_hash == hash_of(found[1])
    assert (link.shows_log, link.shows_outputs) == (True, False)
    assert timedelta(days=13) < link.expires_at - timezone.now() <= timedelta(days=14)
    assert found[1] not in client.get("/projects/hello/runs/1/share/").content.decode()
    assert all(found[1] not in text for text in RunEvent.objects.values_list("text", flat=True))


def test_an_owner_revokes_a_link_and_the_history_tells_both(run: Run, alice: User) -> None:
    path = share(run, alice)
    client = Client()
    client.force_login(alice)
    link = ShareLink.objects.get()
    assert client.post(f"/projects/hello/runs/1/share/{link.pk}/revoke/").status_code == 302
    assert look(path).status_code == 404
    events = RunEvent.objects.filter(run=run, kind="share").values_list("actor__username", "text")
    assert [actor for actor, _ in events] == ["alice", "alice"]
    assert ["made" in text or "revoked" in text for _, text in events] == [True, True]


@pytest.mark.parametrize("days", ["0", "-1", "91", "36500", "x", "", "1e3"])
def test_a_link_without_a_proper_end_is_refused_on_its_field(run: Run, alice: User, days: str) -> None:
    client = Client()
    client.force_login(alice)
    response = client.post("/projects/hello/runs/1/share/", {"days": days})
    assert response.status_code == 422
    assert not ShareLink.objects.exists()


def test_no_link_may_last_longer_than_the_administrator_allows(settings: Settings) -> None:
    settings.SHARE_LINK_LONGEST_DAYS = 10
    assert possible_days() == [1, 7, 10]


def test_only_owners_and_administrators_share(run: Run, bob: User, vera: User, charlie: User, ada: User) -> None:
    answers = []
    for person in (bob, vera, charlie, ada):
        client = Client()
        client.force_login(person)
        answers.append(client.post("/projects/hello/runs/1/share/", {"days": "7"}).status_code)
    assert answers == [404, 404, 404, 200]
    assert ShareLink.objects.get().created_by == ada


def test_uses_are_counted_and_opening_takes_few_queries(
    run: Run, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    path = share(run, alice, log=True)
    look(path)
    with django_assert_max_num_queries(8):
        look(path)
    assert ShareLink.objects.get().uses == 2


def test_guessing_costs_no_query_for_what_cannot_be_a_token(
    db: None,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(0):
        assert run_shown_by("short") is None
        assert run_shown_by("é" * 43) is None


def test_tokens_never_reach_the_server_log(run: Run, alice: User) -> None:
    path = share(run, alice)
    record = logging.LogRecord(
        "uvicorn.access", logging.INFO, "", 0, '%s - "%s %s"', ("127.0.0.1", "GET", f"{path}log/"), None
    )
    assert TokenMaskingFilter().filter(record)
    assert token_in(path) not in record.getMessage()
    assert "/share/…/log/" in record.getMessage()
    whole = logging.LogRecord("x", logging.ERROR, "", 0, f"Internal Server Error: /ws{path}", None, None)
    TokenMaskingFilter().filter(whole)
    assert token_in(path) not in whole.getMessage()
