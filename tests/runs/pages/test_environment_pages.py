"""The pages of environments: who sees what, what the buttons do, and what a page says."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from computes.build_folder import append_line, begin_log
from computes.models import ComputeTarget, EnvironmentLock, TargetEnvironment
from computes.preparing_environments import Building
from projects.models import Membership, Project, Role
from runs.status import State
from tests.computes.django.environment_parts import Workshop, is_over, work_until
from tests.computes.django.run_rows import add_run
from tests.runs.pages.conftest import SeenBy

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def bench2(workshop: Workshop, ada: User) -> ComputeTarget:
    """Another target of the same kind."""
    facts = {"kind": workshop.target.kind, "user_managed_environment": False, "created_by": ada, "address": "b"}
    target: ComputeTarget = ComputeTarget.objects.create(
        name="bench2", work_folder=f"{workshop.target.work_folder}-2", **facts
    )
    return target


def prepared(client: Client, workshop: Workshop) -> TargetEnvironment:
    """Press Prepare on the project's page, and wait for the build."""
    assert "Its environment is not built there yet." in client.get("/projects/hello/").content.decode()
    answer = client.post("/projects/hello/prepare/", {"target": "bench"})
    row = TargetEnvironment.objects.get()
    assert answer["Location"] == row.get_absolute_url()
    return work_until(is_over, row)


def test_the_button_on_the_projects_page_builds_it_and_the_page_shows_it(
    seen_by: SeenBy, bob: User, workshop: Workshop
) -> None:
    row = prepared(seen_by(bob), workshop)
    assert row.state == TargetEnvironment.State.READY
    page = seen_by(bob).get(row.get_absolute_url()).content.decode()
    assert "The environment is ready." in page
    assert "h1_0" in page, "the build of the installed Python"
    assert "pip 2.5 s" in page
    listed = seen_by(bob).get("/environments/").content.decode()
    assert row.key[:12] in listed
    assert "python 3.11.*" in listed
    project = seen_by(bob).get("/projects/hello/").content.decode()
    assert "built in" in project
    assert ">Prepare</button>" not in project


def test_a_page_that_watches_a_build_is_led_to_what_came_of_it(seen_by: SeenBy, bob: User, workshop: Workshop) -> None:
    client = seen_by(bob)
    client.post("/projects/hello/prepare/", {"target": "bench"})
    row = TargetEnvironment.objects.get()
    append_line(row.pk, "<script>alert(1)</script>\x1b[31m")
    address = row.get_absolute_url()
    part = client.get(address, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in part.content.decode()
    assert "&lt;script&gt;" in part.content.decode()
    assert "HX-Redirect" not in part.headers
    row = work_until(is_over, row)
    part = client.get(address, headers={"HX-Request": "true"})
    assert "hx-trigger" not in part.content.decode()
    assert part["HX-Redirect"] == row.get_absolute_url() == f"/environments/{row.lock_id}/"


def test_a_page_says_that_a_build_waits_for_a_silent_target(seen_by: SeenBy, bob: User, workshop: Workshop) -> None:
    answer = workshop.ask("silent")
    assert isinstance(answer, Building)
    row = work_until(lambda each: each.error != "", answer.environment)
    page = seen_by(bob).get(row.get_absolute_url()).content.decode()
    assert "Waits until bench answers" in page
    assert "bench.example is silent." in page
    assert "Check the network." in page
    assert "Cancel the build" in page


def test_downloads_are_files_that_cannot_act(seen_by: SeenBy, bob: User, workshop: Workshop) -> None:
    row = prepared(seen_by(bob), workshop)
    explicit = seen_by(bob).get(f"{row.get_absolute_url()}as/explicit/")
    assert "attachment" in explicit["Content-Disposition"]
    assert explicit["Content-Security-Policy"].startswith("sandbox")
    assert "@EXPLICIT" in explicit.content.decode()
    assert seen_by(bob).get(f"{row.get_absolute_url()}as/else/").status_code == 404
    log = seen_by(bob).get(f"{row.get_absolute_url()}on/{row.pk}/log/")
    assert b"".join(log.streaming_content).endswith(b"The environment is ready.\n")  # type: ignore[attr-defined]


def test_a_cancel_of_a_build_is_for_those_who_may_run(
    seen_by: SeenBy, vera: User, bob: User, workshop: Workshop
) -> None:
    seen_by(bob).post("/projects/hello/prepare/", {"target": "bench"})
    row = TargetEnvironment.objects.get()
    assert seen_by(vera).post(f"{row.get_absolute_url()}on/{row.pk}/cancel/").status_code == 404
    assert seen_by(bob).post(f"{row.get_absolute_url()}on/{row.pk}/cancel/").status_code == 302
    row = work_until(is_over, row)
    assert (row.state, row.canceled_by) == (TargetEnvironment.State.FAILED, bob)


def test_only_those_builds_can_be_canceled_that_are_of_a_project_where_one_may_run(
    seen_by: SeenBy, bob: User, alice: User, workshop: Workshop, bench2: ComputeTarget
) -> None:
    others: Project = Project.objects.create(slug="others", name="Others", created_by=alice)
    Membership.objects.create(project=others, user=bob, role=Role.VIEWER)
    rows = [
        TargetEnvironment.objects.create(target=target, digest="1" * 64, asked={}, state="building")
        for target in (workshop.target, bench2)
    ]
    rows[0].projects.add(workshop.project)
    rows[1].projects.add(others)
    page = seen_by(bob).get(rows[0].get_absolute_url()).content.decode()
    assert f"/on/{rows[0].pk}/cancel/" in page
    assert f"/on/{rows[1].pk}/cancel/" not in page


def test_a_build_that_failed_is_begun_again_from_its_page_by_those_who_may_run(
    seen_by: SeenBy, vera: User, bob: User, workshop: Workshop
) -> None:
    seen_by(bob).post("/projects/hello/prepare/", {"target": "bench"})
    row = TargetEnvironment.objects.get()
    seen_by(bob).post(f"{row.get_absolute_url()}on/{row.pk}/cancel/")
    row = work_until(is_over, row)
    assert row.state == TargetEnvironment.State.FAILED
    assert "Prepare again" not in seen_by(vera).get(row.get_absolute_url()).content.decode()
    page = seen_by(bob).get(row.get_absolute_url()).content.decode()
    assert forms_of(page, "Prepare again") == [
        ("/projects/hello/prepare/", {"target": "bench", "run_configuration": ""})
    ]
    answer = seen_by(bob).post("/projects/hello/prepare/", {"target": "bench", "run_configuration": ""})
    assert answer["Location"] == row.get_absolute_url()
    row.refresh_from_db()
    row = work_until(is_over, row)
    assert row.state == TargetEnvironment.State.READY
    assert "Prepare again" not in seen_by(bob).get(row.get_absolute_url()).content.decode()


def test_a_build_that_the_code_does_not_ask_for_any_more_is_not_offered(
    seen_by: SeenBy, bob: User, workshop: Workshop
) -> None:
    asked = {"channels": [], "conda": ["python 3.9.*"], "pip": [], "wheels": {}, "source": "requirements.txt"}
    row = TargetEnvironment.objects.create(target=workshop.target, digest="1" * 64, asked=asked, state="failed")
    row.projects.add(workshop.project)
    page = seen_by(bob).get(row.get_absolute_url()).content.decode()
    assert "Prepare again" not in page
    assert "Prepare on another target" not in page


def test_it_is_prepared_on_another_target_that_the_project_may_use(
    seen_by: SeenBy, vera: User, bob: User, ada: User, workshop: Workshop
) -> None:
    row = prepared(seen_by(bob), workshop)
    assert "Prepare on another target" not in seen_by(bob).get(row.get_absolute_url()).content.decode()
    facts = {"kind": workshop.target.kind, "user_managed_environment": False, "created_by": ada}
    work_folder = f"{workshop.target.work_folder}-2"
    other = ComputeTarget.objects.create(name="bench2", address="b", work_folder=work_folder, **facts)
    ComputeTarget.objects.create(name="bench3", address="c", work_folder=work_folder, **facts)
    other.grants.create(project=workshop.project)
    assert "bench2" not in seen_by(vera).get(row.get_absolute_url()).content.decode()
    page = seen_by(bob).get(row.get_absolute_url()).content.decode()
    assert "Prepare on another target" in page
    assert "<option>bench2</option>" in page
    assert "bench3" not in page, "nobody granted it"
    answer = seen_by(bob).post("/projects/hello/prepare/", {"target": "bench2", "run_configuration": ""})
    assert answer["Location"] == TargetEnvironment.objects.get(target=other).get_absolute_url()


def test_the_log_of_a_build_that_failed_stays_where_another_target_has_the_environment(
    seen_by: SeenBy, bob: User, workshop: Workshop, bench2: ComputeTarget
) -> None:
    row = prepared(seen_by(bob), workshop)
    failed = TargetEnvironment.objects.create(
        target=bench2, digest=row.digest, asked=row.asked, state="failed", error="No space.", asked_at=timezone.now()
    )
    failed.projects.add(workshop.project)
    begin_log(failed.pk)
    append_line(failed.pk, "The disk of bench2 is full.")
    page = seen_by(bob).get(failed.get_absolute_url()).content.decode()
    assert "The disk of bench2 is full." in page
    assert f"/on/{failed.pk}/log/" in page


def test_how_long_an_environment_took_is_said_where_it_has_to_be_built_again(
    seen_by: SeenBy, bob: User, workshop: Workshop
) -> None:
    row = prepared(seen_by(bob), workshop)
    TargetEnvironment.objects.filter(pk=row.pk).update(state="missing", seconds={"solve": 60, "pip": 12})
    page = seen_by(bob).get("/projects/hello/").content.decode()
    assert "took 1 min 12 s last time" in page
    assert "built in" not in page


def forms_of(page: str, label: str) -> list[tuple[str, dict[str, str]]]:
    """Return where the forms with a button lead, and what they send."""
    forms = re.findall(r"<form [^>]*action=\"([^\"]*)\">(.*?)</form>", page, re.DOTALL)
    sent = [(action, re.findall(r'name="(\w+)" value="([^"]*)"', inner)) for action, inner in forms if label in inner]
    return [
        (action, {name: value for name, value in fields if name != "csrfmiddlewaretoken"}) for action, fields in sent
    ]


def test_a_project_of_others_is_not_named_to_those_who_share_an_environment(
    seen_by: SeenBy, bob: User, charlie: User, workshop: Workshop
) -> None:
    row = prepared(seen_by(bob), workshop)
    secret = Project.objects.create(slug="secret", name="Secret plans", created_by=charlie)
    row.projects.add(secret)
    assert "Secret plans" not in seen_by(bob).get(row.get_absolute_url()).content.decode()


def test_what_could_go_is_shown_before_it_goes(seen_by: SeenBy, ada: User, bob: User, workshop: Workshop) -> None:
    row = prepared(seen_by(bob), workshop)
    address = "/computes/bench/reclaim/"
    preview = seen_by(ada).get(address).content.decode()
    assert f'value="{row.lock_id}"' in preview
    row.refresh_from_db()
    assert row.state == TargetEnvironment.State.READY
    facts = {"environment": row, "environment_hash": row.lock_id, "state": State.RUNNING, "created_by": bob}
    run = add_run(workshop.project, workshop.target, 7, **facts)
    assert row.lock_id not in seen_by(ada).get(address).content.decode()
    seen_by(ada).post(address, {"hash": row.lock_id})
    row.refresh_from_db()
    assert row.state == TargetEnvironment.State.READY, "a run that is on uses it"
    run.state = State.COMPLETED
    run.save()
    seen_by(ada).post(address, {"hash": row.lock_id})
    row.refresh_from_db()
    assert row.state == TargetEnvironment.State.REMOVING


def test_the_lists_cost_the_same_number_of_queries_for_many(
    seen_by: SeenBy, ada: User, workshop: Workshop, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        TargetEnvironment.objects.create(target=workshop.target, digest=f"{number:064}", asked={})
    client = seen_by(ada)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert client.get("/environments/").content.decode().count("Not built") == 12


def test_a_long_list_has_pages_and_shows_each_environment_once(
    seen_by: SeenBy, ada: User, workshop: Workshop, bench2: ComputeTarget
) -> None:
    lock = EnvironmentLock.objects.create(hash="a" * 64, text="{}")
    for target, hour in ((workshop.target, 2), (bench2, 0)):
        TargetEnvironment.objects.create(
            target=target,
            digest=f"{hour:064}",
            lock=lock,
            asked={},
            state="ready",
            last_used_at=NOON.replace(hour=hour),
        )
    TargetEnvironment.objects.bulk_create(
        TargetEnvironment(
            target=workshop.target, digest=f"b{number:063}", asked={}, last_used_at=NOON if number < 100 else None
        )
        for number in range(249)
    )
    client = seen_by(ada)
    pages = [client.get(f"/environments/?page={number}").content.decode() for number in (1, 2, 3)]
    assert [page.count('href="/environments/b') for page in pages] == [100, 99, 50]
    assert [page.count(f'href="/environments/{lock.hash}/"') for page in pages] == [0, 1, 0]
    assert "1–100 of 250" in pages[0]
    assert "bench2" in pages[1], "the environment with all its targets"
    part = client.get("/environments/?page=2", headers={"HX-Request": "true"}).content.decode()
    assert part.count('href="/environments/b') == 99
    assert client.get("/environments/?page=x").status_code == 200
