"""The lists of runs: who sees them, what narrows and sorts them, and that they stay live and cheap."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from projects.models import Project
from runs.status import State
from tests.runs.lists.conftest import MakeRun

ADDRESS = "/projects/hello/runs/"
LINK = re.compile(r'href="/projects/hello/runs/(\d+)/"')


def numbers(client: Client, query: str = "", address: str = ADDRESS) -> list[int]:
    """Return the numbers of the runs that a list shows, in its order."""
    response = client.get(f"{address}{query}")
    assert response.status_code == 200
    return [int(number) for number in LINK.findall(response.content.decode())]


@pytest.mark.parametrize("person", ["alice", "bob", "vera", "ada"])
def test_members_and_administrators_see_the_runs_newest_first(
    client: Client, make_run: MakeRun, person: str, request: pytest.FixtureRequest
) -> None:
    make_run()
    make_run()
    client.force_login(request.getfixturevalue(person))
    assert numbers(client) == [2, 1]
    assert numbers(client, address="/runs/") == [2, 1]


def test_a_stranger_finds_no_list_and_no_run_of_the_project(client: Client, make_run: MakeRun, charlie: User) -> None:
    make_run()
    client.force_login(charlie)
    assert client.get(ADDRESS).status_code == 404
    assert numbers(client, address="/runs/") == []


def test_lists_are_only_read(client: Client, project: Project, alice: User) -> None:
    client.force_login(alice)
    assert client.post(ADDRESS).status_code == 405
    assert client.post("/runs/").status_code == 405
    assert client.post("/").status_code == 405


def test_without_a_session_one_is_led_to_the_door(client: Client, project: Project) -> None:
    assert client.get(ADDRESS).headers["Location"] == f"/login/?next={ADDRESS}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?state=failed", [2]),
        ("?state=active", [4]),
        ("?script=train.py", [3]),
        ("?person=alice", [3]),
        ("?tag=v2", [3, 1]),
        ("?tag=v2&person=alice", [3]),
        ("?target=elsewhere", []),
        ("?state=nonsense&sort=nonsense&page=nonsense", [4, 3, 2, 1]),
        ("?archived=1", [5, 4, 3, 2, 1]),
        ("?sort=number", [1, 2, 3, 4]),
        ("?sort=-duration", [1, 3, 4, 2]),
        ("?sort=duration", [3, 1, 4, 2]),
        ("?sort=-metric:accuracy", [3, 1]),
        ("?sort=metric:accuracy", [1, 3]),
        ("?script=%00&sort=metric:%00", [4, 3, 2, 1]),
    ],
)
def test_filters_and_sort_are_read_from_the_address(
    client: Client, make_run: MakeRun, alice: User, query: str, expected: list[int]
) -> None:
    make_run(tags=["v2"], script_seconds=90, metrics={"accuracy": 0.8})
    make_run(state=State.FAILED, reason="script_failed")
    make_run(tags=["v2", "best"], created_by=alice, script="train.py", script_seconds=3, metrics={"accuracy": 0.9})
    make_run(state=State.QUEUED)
    make_run(is_archived=True)
    client.force_login(alice)
    assert numbers(client, query) == expected


def test_the_rows_ask_for_news_only_while_something_is_active(client: Client, make_run: MakeRun, bob: User) -> None:
    run = make_run(state=State.RUNNING)
    client.force_login(bob)
    news = {"HX-Request": "true"}
    live = client.get(f"{ADDRESS}?tag=&runs=1", headers=news).content.decode()
    assert live.lstrip().startswith("<tbody")
    assert 'hx-trigger="every 2s"' in live
    assert re.search(r'name="runs" value="1"[^>]* checked', live)
    run.state = State.COMPLETED
    run.save()
    assert "hx-trigger" not in client.get(ADDRESS, headers=news).content.decode()


def test_a_number_of_thousands_of_digits_is_no_run(client: Client, project: Project, bob: User) -> None:
    client.force_login(bob)
    assert client.get(f"{ADDRESS}?runs={'9' * 5000}").status_code == 200


def test_the_page_says_that_its_answer_depends_on_htmx(client: Client, project: Project, bob: User) -> None:
    client.force_login(bob)
    assert "HX-Request" in client.get(ADDRESS).headers["Vary"]


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow_with_the_runs(
    client: Client,
    make_run: MakeRun,
    bob: User,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        make_run(tags=["a", "b"], metrics={"accuracy": number, "loss": 1})
    client.force_login(bob)
    client.get(ADDRESS)
    with django_assert_num_queries(13):
        client.get(ADDRESS)
    with django_assert_num_queries(8):
        client.get(ADDRESS, headers={"HX-Request": "true"})


def test_chosen_metrics_are_columns(client: Client, make_run: MakeRun, bob: User) -> None:
    make_run(metrics={"accuracy": 0.25, "loss": 0.5, "zeal": 0.125})
    client.force_login(bob)
    page = client.get(f"{ADDRESS}?metric=zeal").content.decode()
    assert "0.125" in page
    assert "0.25<" not in page
    assert "0.125" not in client.get(f"{ADDRESS}?columns=none").content.decode()


def test_hostile_names_stay_text(client: Client, make_run: MakeRun, bob: User) -> None:
    make_run(description="<script>x</script>", tags=["<b>"], metrics={"<i>": 1.0}, arguments=("<u>",))
    client.force_login(bob)
    page = client.get(ADDRESS).content.decode()
    for hostile in ("<script>x", "<b>", "<i>", "<u>"):
        assert hostile not in page


def test_an_empty_list_says_what_to_do_next(client: Client, project: Project, bob: User, vera: User) -> None:
    client.force_login(bob)
    assert "/projects/hello/submit/" in client.get(ADDRESS).content.decode()
    client.force_login(vera)
    assert "/projects/hello/submit/" not in client.get(ADDRESS).content.decode()
    assert "No run fits these filters" in client.get(f"{ADDRESS}?state=failed").content.decode()


def test_arguments_are_shown_as_one_would_type_them(client: Client, make_run: MakeRun, vera: User) -> None:
    make_run(arguments=("--name", "two words", ""))
    client.force_login(vera)
    assert "--name &#x27;two words&#x27; &#x27;&#x27;" in client.get("/projects/hello/runs/").content.decode()
