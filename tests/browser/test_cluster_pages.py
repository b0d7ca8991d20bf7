"""Pages about Spark clusters in a real browser: live progress, fields that come with the target, all widths."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django import Settings

from computes.contract import ApplicationFacts
from computes.models import ComputeTarget
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.application_notes import ApplicationNotes
from runs.models import Run
from tests.browser.run_page import Watched, pages_address, printing_run, watched
from tests.browser.signing_in import context_of
from tests.computes.django.cluster_parts import HEAD, LIVY

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("cluster_kinds")]
__all__ = ["pages_address", "printing_run", "watched"]
ID = "application_1700000000000_0007"
LONG = "Application is added to the scheduler and is not yet activated. " * 5


@pytest.fixture
def big(project: Project, project_folder: Path, local_target: ComputeTarget, ada: User) -> ComputeTarget:
    """A cluster with all that can be said of it, and a run configuration for PySpark."""
    (project_folder / "aml_config" / "spark.runconfig").write_text(
        "Script: hello.py\nTarget: big\nFramework: PySpark\n"
    )
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    target: ComputeTarget = ComputeTarget.objects.create(
        name="big",
        kind="cluster",
        created_by=ada,
        host_keys=["ssh-ed25519 AAAA"],
        default_executors=2,
        default_executor_memory_bytes=2**32,
        largest_executors=8,
        yarn_queue="root.research",
        spark_configuration={"spark.sql.shuffle.partitions": "400", "spark.x": "x" * 120},
        application_url="https://rm.lab.example/cluster/app/{application}",
        history_url="https://history.lab.example/history/{application}/",
        **HEAD,
    )
    target.grants.create(project=project)
    return target


def note(run: Run, **facts: object) -> None:
    """Note what a cluster says as the watcher does."""
    ApplicationNotes().take(Run.objects.get(pk=run.pk), ApplicationFacts(id=ID, **facts), is_final=False)  # type: ignore[arg-type]


def test_queue_and_progress_change_without_a_reload(watched: Watched, printing_run: Run, big: ComputeTarget) -> None:
    Run.objects.update(target=big)
    page = watched.open(printing_run.get_absolute_url())
    expect(page.locator("[data-log-chip]")).to_have_text("Live")
    page.evaluate("window.wasNotReloaded = true")
    status = page.locator("#run-status")
    note(printing_run, state="ACCEPTED", is_waiting=True, why=LONG)
    expect(status).to_contain_text("Queued in YARN")
    expect(status.locator(".state").first).to_have_text("Queued in YARN")
    note(printing_run, state="RUNNING", stages_done=3, stages=12, tasks_done=250, tasks=1000)
    expect(status.locator("progress")).to_have_attribute("value", "250")
    expect(status.locator(".state").first).to_have_text("Running")
    note(printing_run, state="RUNNING", stages_done=4, stages=12, tasks_done=500, tasks=1000)
    expect(status).to_contain_text("4 of 12 stages · 500 of 1,000 tasks")
    expect(status.get_by_role("link", name="YARN page")).to_have_attribute(
        "href", f"https://rm.lab.example/cluster/app/{ID}"
    )
    assert page.evaluate("window.wasNotReloaded")


def test_fields_of_executors_come_with_a_target_that_has_them(
    watched: Watched, printing_run: Run, big: ComputeTarget
) -> None:
    page = watched.open("/projects/hello/submit/?run_configuration=spark")
    expect(page.get_by_label("Executors")).to_be_visible()
    page.get_by_label("Framework", exact=True).select_option("Python")
    expect(page.get_by_role("radio", name="big")).to_be_disabled()
    expect(page.get_by_label("Executors")).to_have_count(0)
    page.get_by_label("Framework", exact=True).select_option("PySpark")
    expect(page.get_by_role("radio", name="big")).to_be_enabled()
    page.get_by_role("radio", name="local").check()
    expect(page.get_by_label("Executors")).to_be_hidden()
    page.get_by_role("radio", name="big").check()
    page.get_by_label("Executors").fill("3")
    page.get_by_label("Memory of each").fill("4 GiB")
    page.get_by_role("button", name="Run", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run 2")
    assert Run.objects.get(number=2).configuration["resources"] == {"executors": 3, "executor_memory_bytes": 2**32}


@pytest.mark.one_database
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_cluster_scrolls_sideways_or_breaks_a_rule_of_the_browser(
    width: int,
    scheme: str,
    browser: Browser,
    pages_address: str,
    printing_run: Run,
    big: ComputeTarget,
    ada: User,
    settings: Settings,
) -> None:
    settings.OWN_ORIGINS = [pages_address]
    ComputeTarget.objects.create(name="far", kind="livy", yarn_queue="q" * 60, **LIVY)
    Run.objects.update(target=big)
    note(printing_run, state="RUNNING", stages_done=3, stages=12, tasks_done=250_000, tasks=1_000_000)
    second = Run.objects.create(
        project=printing_run.project, number=2, created_by=ada, snapshot=printing_run.snapshot, target=big,
        script="hello.py", configuration=printing_run.configuration, state="running",
    )  # fmt: skip
    note(second, state="ACCEPTED", is_waiting=True, why=LONG)
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    context = context_of(browser, ada, pages_address, **options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    attach = reverse("compute_new")
    for address in (
        f"{attach}?kind=cluster",
        f"{attach}?kind=livy",
        *(reverse(name, args=[target]) for target in ("big", "far") for name in ("compute", "compute_edit")),
        "/projects/hello/submit/?run_configuration=spark",
        printing_run.get_absolute_url(),
        second.get_absolute_url(),
        "/projects/hello/runs/",
        "/projects/hello/",
        reverse("run_configuration", args=["hello", 1]),
    ):
        page.goto(pages_address + address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert excess <= 0, f"{address} is {excess} pixels too wide"
    context.close()
    assert complaints == []
