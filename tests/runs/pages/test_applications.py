"""A run's application on a cluster: kept as the target is watched, shown live, and never believed beyond reason."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User

from computes.contract import ApplicationFacts, Condition, RunAddress, RunFolderStatus, TargetSettings
from computes.executors.fake import FakeExecutor
from computes.models import ComputeTarget
from projects.models import Project
from runs.api.run_facts import details_of, summary_of
from runs.application_notes import PROGRESS_SECONDS, ApplicationNotes, in_bounds
from runs.beliefs import belief_about, shared_belief_about
from runs.following import Follower
from runs.live.watch import lookup
from runs.models import Run, ShareLink
from runs.phases import phases_of
from runs.presentation import render_status
from runs.status import State
from tests.runs.pages.conftest import SeenBy

ID = "application_1700000000000_0007"
ACCEPTED = ApplicationFacts(id=ID, state="ACCEPTED", is_waiting=True, why="Queue's AM resource limit exceeded.")
RUNNING = ApplicationFacts(id=ID, state="RUNNING", stages_done=3, stages=12, tasks_done=250, tasks=1000)


@pytest.fixture
def cluster_run(run: Run, local_target: ComputeTarget) -> Run:
    """A run on a cluster with links."""
    ComputeTarget.objects.filter(pk=local_target.pk).update(
        kind="cluster",
        application_url="https://rm.example/cluster/app/{application}",
        spark_ui_url="https://rm.example/proxy/{application}/",
        history_url="https://history.example/history/{application}/",
    )
    run.target.refresh_from_db()
    return run


def take(run: Run, facts: ApplicationFacts, notes: ApplicationNotes | None = None, *, is_final: bool = False) -> Run:
    (notes or ApplicationNotes()).take(run, facts, is_final=is_final)
    stored: Run = Run.objects.get(pk=run.pk)
    return stored


def test_what_is_queued_on_the_cluster_is_not_shown_as_running(cluster_run: Run, alice: User, seen_by: SeenBy) -> None:
    run = take(cluster_run, ACCEPTED)
    assert (run.state, run.shown_state, run.waits_on_cluster) == (State.RUNNING, "queued", True)
    page = " ".join(render_status(run, user=alice).split())
    assert "Queued in YARN" in page
    assert "<span>Running</span>" not in page
    assert "AM resource limit exceeded" in page
    assert "Spark page" not in page
    assert [phase.words for phase in phases_of(run)][2] == "waiting"
    assert "no room for it yet" in belief_about(run).text
    assert "Waits for room" in shared_belief_about(run).text
    listed = seen_by(alice).get("/projects/hello/runs/").content.decode()
    assert "Queued in YARN" in listed
    assert "<span>Running</span>" not in listed
    run = take(run, RUNNING)
    assert (run.shown_state, run.waits_on_cluster) == ("running", False)
    texts = list(run.events.filter(kind="note").values_list("text", flat=True))
    assert texts == [
        f"Its application on the cluster is {ID}.",
        "Queued in YARN. Queue's AM resource limit exceeded.",
        "The cluster took the application out of its queue.",
    ]


def test_what_the_watcher_sees_is_noted(cluster_run: Run) -> None:
    address = RunAddress("ab", cluster_run.id.hex, TargetSettings("big", "fake", str(cluster_run.folder / "work")))
    follower = Follower(cluster_run, FakeExecutor(), address)
    follower.advance(RunFolderStatus(Condition.ALIVE, application=RUNNING), is_final=False)
    assert Run.objects.get(pk=cluster_run.pk).application_facts == RUNNING
    follower.advance(RunFolderStatus(Condition.ALIVE), is_final=False)
    assert Run.objects.get(pk=cluster_run.pk).application_version == 1, "no news are no news"


def test_progress_and_links_are_shown_to_members_and_no_name_to_others(cluster_run: Run, alice: User) -> None:
    run = take(cluster_run, RUNNING)
    page = " ".join(render_status(run, user=alice).split())
    assert 'value="250" max="1000"' in page
    assert "3 of 12 stages · 250 of 1,000 tasks" in page
    assert f'href="https://rm.example/cluster/app/{ID}"' in page
    assert f'href="https://rm.example/proxy/{ID}/"' in page
    assert "history.example" not in page
    shared = render_status(run, share=ShareLink(run=run, shows_log=True))
    assert 'value="250" max="1000"' in shared
    assert ID not in shared
    assert "rm.example" not in shared
    one = render_status(take(cluster_run, replace(RUNNING, stages=1, stages_done=0)), user=alice)
    assert "0 of 1 stage ·" in " ".join(one.split())
    run.state = State.COMPLETED
    over = render_status(run, user=alice)
    assert "history.example" in over
    assert "/proxy/" not in over


def test_pages_that_livy_names_are_kept_and_shown_to_members(cluster_run: Run, alice: User) -> None:
    page, log = "http://rm.example:8088/proxy/1/", "https://node1.example:8044/logs"
    run = take(cluster_run, replace(RUNNING, spark_page=page, driver_log=log))
    run = take(run, replace(RUNNING, state="SUCCESS"))
    assert (run.application["spark_page"], run.application["driver_log"]) == (page, log), "Livy forgets, we do not"
    shown = render_status(run, user=alice)
    assert f'href="{page}" target="_blank" rel="noopener noreferrer">Spark page by Livy' in shown
    assert f'href="{log}" target="_blank" rel="noopener noreferrer">Driver log by Livy' in shown
    assert "node1.example" not in render_status(run, share=ShareLink(run=run, shows_log=True))
    facts = details_of(run)["application"]
    assert facts is not None
    assert (facts["spark_page"], facts["driver_log"]) == (page, log)
    assert (facts["links"]["Spark page by Livy"], facts["links"]["Driver log by Livy"]) == (page, log)


def test_pages_that_are_none_are_neither_kept_nor_shown(cluster_run: Run, alice: User) -> None:
    odd = replace(RUNNING, spark_page="javascript:alert(1)", driver_log="http://ada:tulip@node1.example/logs")
    run = take(cluster_run, odd)
    assert (run.application["spark_page"], run.application["driver_log"]) == ("", "")
    run.application |= {"spark_page": odd.spark_page, "driver_log": odd.driver_log}
    shown = render_status(run, user=alice)
    assert "javascript" not in shown
    assert "tulip" not in shown


def test_progress_is_written_at_most_once_a_second_and_news_at_once(
    cluster_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("runs.application_notes.time", SimpleNamespace(monotonic=lambda: now[0]))
    notes = ApplicationNotes()
    run = take(cluster_run, RUNNING, notes)
    run = take(run, replace(RUNNING, tasks_done=300), notes)
    assert (run.application["tasks_done"], run.application_version) == (250, 1)
    now[0] += PROGRESS_SECONDS
    run = take(run, replace(RUNNING, tasks_done=300), notes)
    assert (run.application["tasks_done"], run.application_version) == (300, 2)
    run = take(run, replace(RUNNING, tasks_done=400, state="FINISHED"), notes)
    assert (run.application["state"], run.application_version) == ("FINISHED", 3)
    run = take(run, replace(RUNNING, tasks_done=1000, state="FINISHED"), notes, is_final=True)
    assert (run.application["tasks_done"], run.application_version) == (1000, 4)
    assert take(run, replace(RUNNING, tasks_done=1000, state="FINISHED"), notes).application_version == 4


def test_an_id_that_was_known_is_not_forgotten(cluster_run: Run) -> None:
    run = take(cluster_run, ACCEPTED)
    run = take(run, ApplicationFacts(state="RUNNING"))
    assert (run.application["id"], run.application["state"]) == (ID, "RUNNING")


def test_what_a_cluster_says_is_bounded_and_shown_as_text(cluster_run: Run, alice: User) -> None:
    odd = ApplicationFacts(
        id='"><script>x',
        state="<b>RUN",
        why="a\x00b\n" * 900,
        is_waiting=True,
        stages_done=9,
        stages=-4,
        tasks_done=2**70,
        tasks=10,
    )
    bounded = in_bounds(odd)
    assert (bounded.stages_done, bounded.stages, bounded.tasks_done, bounded.tasks) == (0, 0, 10, 10)
    assert len(bounded.why) <= 500
    assert "\n" not in bounded.why
    page = render_status(take(cluster_run, odd), user=alice)
    assert "<script>" not in page
    assert "<b>RUN" not in page
    assert 'href="https://rm.example' not in page


def test_a_run_elsewhere_shows_no_application(run: Run, alice: User) -> None:
    assert "application" not in render_status(run, user=alice)


def test_progress_grows_the_number_that_viewers_wait_for(cluster_run: Run) -> None:
    def number() -> int:
        versions, _ = lookup.func([(cluster_run.pk, 0)], False)
        return int(versions[cluster_run.pk][0])

    before = number()
    Run.objects.filter(pk=cluster_run.pk).update(application_version=1)
    assert number() == before + 1


def test_the_api_says_the_same(cluster_run: Run, project: Project, alice: User) -> None:
    run = take(cluster_run, ACCEPTED)
    assert summary_of(run)["wait_reason"] == "Queued in YARN"
    facts = details_of(run)["application"]
    assert facts is not None
    assert (facts["id"], facts["is_waiting"]) == (ID, True)
    assert facts["links"] == {"YARN page": f"https://rm.example/cluster/app/{ID}"}
