"""The pages of targets in a real browser: a check that fills in by itself, no JavaScript needed, all widths."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from computes.attaching import TargetWishes, attach_target
from computes.contact import note_silence
from computes.credentials import NewCredential
from computes.granting import grant_use
from computes.host_access import fingerprint, new_key_pair
from computes.models import ComputeTarget
from computes.tasks import check_target
from projects.models import Project
from runs.status import State
from tests.browser.signing_in import context_of
from tests.computes.django.run_rows import add_run

GPU = {"address": "gpu1.lab.example", "port": 2222, "username": "trainer"}
pytestmark = pytest.mark.browser


@pytest.fixture
def page_of_ada(browser: Browser, ada: User, live_server: LiveServer) -> Iterator[Page]:
    context = context_of(browser, ada, live_server.url)
    yield context.new_page()
    context.close()


def test_a_check_fills_in_without_a_reload(
    page_of_ada: Page, live_server: LiveServer, local_target: ComputeTarget
) -> None:
    page = page_of_ada
    page.goto(live_server.url + local_target.get_absolute_url())
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("Waiting for a task worker.")).to_be_visible()
    page.evaluate("window.wasNotReloaded = true")
    ComputeTarget.objects.update(python_location="/nowhere/python")
    check_target(local_target.checks.get().pk)
    expect(page.get_by_role("button", name="Check again")).to_be_visible()
    expect(page.get_by_text("File locks")).to_be_visible()
    expect(page.get_by_text("Set pythonLocation")).to_be_visible()
    expect(page.locator("#target-state")).to_have_text("Needs attention")
    assert page.evaluate("window.wasNotReloaded")


def test_what_runs_and_waits_is_shown_as_it_changes(
    page_of_ada: Page, live_server: LiveServer, local_target: ComputeTarget, project: Project
) -> None:
    page = page_of_ada
    run = add_run(project, local_target, 1, state=State.QUEUED)
    page.goto(live_server.url + local_target.get_absolute_url())
    expect(page.get_by_text("0 of 2 in use")).to_be_visible()
    type(run).objects.update(state=State.RUNNING, preparing_at=timezone.now())
    expect(page.get_by_text("1 of 2 in use")).to_be_visible()
    expect(page.get_by_text("Nothing waits")).to_be_visible()


SENDS = """button => {
    let sent = 0;
    button.form.addEventListener("submit", (event) => { sent += !event.defaultPrevented; event.preventDefault(); });
    button.click();
    button.click();
    return sent;
}"""


@pytest.mark.parametrize("name", ["compute_new", "compute_edit", "compute_rename", "compute_detach"])
def test_a_double_click_sends_a_form_once(
    page_of_ada: Page, live_server: LiveServer, local_target: ComputeTarget, name: str
) -> None:
    page = page_of_ada
    page.goto(live_server.url + reverse(name, args=[] if name == "compute_new" else ["local"]))
    for field in page.get_by_label("Name", exact=True).all():
        field.fill("attic")
    buttons = {"new": "Attach and check", "edit": "Save and check", "rename": "Rename", "detach": "Detach"}
    button = page.get_by_role("button", name=buttons[name.removeprefix("compute_")], exact=True)
    assert button.evaluate(SENDS) == 1


def test_an_administrator_needs_no_javascript(
    browser: Browser, ada: User, live_server: LiveServer, project: Project
) -> None:
    context = context_of(browser, ada, live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + reverse("computes"))
    page.get_by_role("link", name="Attach a target").first.click()
    page.get_by_label("Name").fill("attic")
    page.get_by_role("button", name="Attach and check").click()
    expect(page.get_by_text("attic is attached and being checked.")).to_be_visible()
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("Who").select_option("project")
    page.get_by_label("Name").fill("hello")
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_role("cell", name="Project Hello", exact=True)).to_be_visible()
    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Drain").click()
    page.get_by_label("Reason").fill("new disk")
    page.get_by_role("button", name="Drain").click()
    expect(page.get_by_role("button", name="End draining")).to_be_visible()
    page.get_by_label("More").click()
    page.get_by_role("button", name="Turn off").click()
    page.get_by_role("link", name="Turn on").click()
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("attic is on.")).to_be_visible()
    context.close()


def test_a_host_key_appears_and_is_approved_without_a_reload_between(
    page_of_ada: Page, live_server: LiveServer, data_dir: Path, ada: User
) -> None:
    page = page_of_ada
    target = attach_target(ada, "gpu1", "remote", TargetWishes(GPU, NewCredential("key_pair")))
    page.goto(live_server.url + target.get_absolute_url())
    expect(page.get_by_text("Its host key is being looked at.")).to_be_visible()
    page.evaluate("window.wasNotReloaded = true")
    line = " ".join(new_key_pair("")[1].split()[:2])
    ComputeTarget.objects.update(seen_host_keys=[line])
    target.errands.update(finished_at=timezone.now(), result="gpu1.lab.example shows 1 host key.")
    expect(page.get_by_text(fingerprint(line))).to_be_visible()
    expect(page.get_by_label("Public key", exact=True)).to_have_value(target.public_key)
    assert page.evaluate("window.wasNotReloaded")
    page.get_by_role("button", name="Approve this key").click()
    expect(page.get_by_text("Host key approved")).to_be_visible()
    expect(page.get_by_text("Waiting for a task worker.")).to_be_visible()


@pytest.mark.one_database
def test_the_form_shows_what_the_chosen_credential_needs(page_of_ada: Page, live_server: LiveServer) -> None:
    page = page_of_ada
    page.goto(live_server.url + reverse("compute_new") + "?kind=remote")
    key, password = page.get_by_label("Private key", exact=True), page.get_by_label("Password", exact=True)
    expect(key).to_be_hidden()
    page.get_by_label("Use a private key of mine").check()
    expect(key).to_be_visible()
    expect(password).to_be_hidden()
    page.get_by_label("Use a password once").check()
    expect(password).to_be_visible()
    expect(key).to_be_hidden()


@pytest.mark.one_database
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_or_breaks_a_rule_of_the_browser(
    width: int,
    scheme: str,
    browser: Browser,
    live_server: LiveServer,
    local_target: ComputeTarget,
    project: Project,
    ada: User,
) -> None:
    local_target.description = "A long word without a place to break: " + "x" * 90
    local_target.work_folder = "/srv/" + "deep/" * 40
    local_target.save()
    grant_use(local_target, ada, None, slots=1)
    for number in range(1, 4):
        add_run(project, local_target, number, state=State.RUNNING, script="folder/" * 12 + "train.py")
    context = context_of(browser, ada, live_server.url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    gpu = attach_target(ada, "gpu1", "remote", TargetWishes(GPU, NewCredential("key_pair", password="hush")))
    gpu.seen_host_keys = [" ".join(new_key_pair("")[1].split()[:2]) for _ in range(3)]
    gpu.host_keys = [" ".join(new_key_pair("")[1].split()[:2])]
    gpu.save()
    note_silence(gpu.pk, "Connection: " + "x" * 120)
    names = [
        "compute",
        "compute_edit",
        "compute_rename",
        "compute_grants",
        "compute_drain",
        "compute_enable",
        "compute_detach",
    ]
    addresses = [reverse(name, args=["local"]) for name in names]
    of_gpu = ("compute", "compute_edit", "compute_rename", "compute_detach")
    addresses += [reverse(name, args=["gpu1"]) for name in of_gpu]
    addresses += [reverse("compute_new") + f"?kind={kind}" for kind in ("local", "remote", "livy")]
    for address in [*addresses, reverse("computes"), project.get_absolute_url()]:
        page.goto(live_server.url + address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert excess <= 0, f"{address} is {excess} pixels too wide"
    context.close()
    assert complaints == []
