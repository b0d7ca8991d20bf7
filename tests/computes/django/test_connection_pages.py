"""The pages of a target over SSH: attaching, its keys, its credential; and that no page ever holds a secret."""

import re
import subprocess
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from computes.connection import paste_command_for
from computes.credentials import NewCredential
from computes.granting import grant_use
from computes.host_access import new_key_pair
from computes.host_keys import hops_of
from computes.models import ComputeTarget
from computes.target_settings import secret_of
from projects.models import Project
from projects.snapshots import take_snapshot
from tests.computes.django.cluster_parts import let_kind_wait
from tests.computes.django.conftest import AttachGpu
from tests.computes.django.test_compute_pages import as_person
from tests.computes.django.test_host_keys import new_line, show

FORM = {
    "name": "gpu1",
    "slots": "2",
    "lost_after_seconds": "1 d",
    "python_location": "python3",
    "address": "gpu1.lab.example:2222",
    "username": "trainer",
    "keep_alive_seconds": "15",
    "user_managed_environment": "on",
    "credential": "key_pair",
}


@pytest.fixture
def gpu(attach_gpu: AttachGpu, project: Project, ada: User) -> ComputeTarget:
    """A target whose host showed a key; the project may use it."""
    target = attach_gpu(credential=NewCredential("key_pair", password="hush-once"))
    target.errands.all().delete()
    grant_use(target, ada, project)
    show(target, 0, new_line())
    return target


def test_an_administrator_attaches_a_machine_and_gets_the_key_to_paste(ada: User, data_dir: object) -> None:
    client = as_person(ada)
    answer = client.post(reverse("compute_new") + "?kind=remote", FORM, follow=True)
    target = ComputeTarget.objects.get()
    assert (target.address, target.port, target.username) == ("gpu1.lab.example", 2222, "trainer")
    page = answer.content.decode()
    assert "gpu1 is attached. Approve its host key" in page
    assert target.public_key in page
    assert "&gt;&gt; ~/.ssh/authorized_keys" in page
    assert "Its host key is being looked at." in page
    assert "every 700ms" in page


def test_a_refused_form_forgets_what_was_secret_in_it(ada: User, data_dir: object) -> None:
    private, _ = new_key_pair("mine")
    secrets = {"password": "hush-password", "passphrase": "hush-phrase", "private_key": private}
    answer = as_person(ada).post(reverse("compute_new") + "?kind=remote", {**FORM, **secrets, "slots": "0"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "gpu1.lab.example:2222" in page
    for secret in ("hush-password", "hush-phrase", private.splitlines()[1]):
        assert secret not in page


def test_the_edit_form_shows_what_is_stored_and_saves_it_unchanged(gpu: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    gpu.jump_hosts = [{"host": "gate", "port": 22, "username": "me", "host_keys": [new_line()], "seen_host_keys": []}]
    gpu.save()
    form = client.get(reverse("compute_edit", args=["gpu1"])).context["form"]
    shown = {field.name: field.value() for field in form if field.value() not in (None, False)}
    assert (shown["address"], shown["jump_hosts"], shown["credential"]) == ("gpu1.lab.example:2222", "me@gate", "keep")
    answer = client.post(reverse("compute_edit", args=["gpu1"]), shown, follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert secret_of(ComputeTarget.objects.get(), "install_password") == "hush-once"


def test_an_administrator_compares_and_approves_by_the_page(gpu: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    fingerprint = hops_of(gpu)[0].shown[0].fingerprint
    page = client.get(gpu.get_absolute_url()).content.decode()
    assert fingerprint in page
    assert "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" in page
    assert "Host key to approve" in page
    answer = client.post(reverse("compute_approve", args=["gpu1"]), {"fingerprint": fingerprint}, follow=True)
    assert "Host key approved" in answer.content.decode()
    assert list(gpu.errands.values_list("kind", flat=True)) == ["install"]


def test_a_changed_key_needs_a_tick_on_the_page(gpu: ComputeTarget, ada: User) -> None:
    gpu.host_keys = [new_line()]
    gpu.save()
    hop = hops_of(gpu)[0]
    client = as_person(ada)
    page = client.get(gpu.get_absolute_url()).content.decode()
    for key in (*hop.approved, *hop.shown):
        assert key.fingerprint in page
    assert "The host key has changed." in page
    address, new = reverse("compute_approve", args=["gpu1"]), hop.shown[0].fingerprint
    assert "between it and this server" in client.post(address, {"fingerprint": new}, follow=True).content.decode()
    gpu.refresh_from_db()
    assert gpu.host_keys == [hop.approved[0].line]
    client.post(address, {"fingerprint": new, "understood": "on"})
    gpu.refresh_from_db()
    assert gpu.host_keys == [hop.shown[0].line]


def test_a_member_sees_how_the_way_is_and_neither_keys_nor_buttons(gpu: ComputeTarget, bob: User) -> None:
    client = as_person(bob)
    page = client.get(gpu.get_absolute_url()).content.decode()
    assert "trainer@gpu1.lab.example:2222" in page
    assert "An administrator compares it and approves it." in page
    for name in ("compute_scan", "compute_approve", "compute_forget_password", "compute_rename"):
        assert reverse(name, args=["gpu1"]) not in page
    assert gpu.public_key not in page
    part = client.get(reverse("compute_connection", args=["gpu1"]), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<section class="card" id="connection"')
    assert gpu.public_key not in part


def test_no_page_holds_a_secret(gpu: ComputeTarget, ada: User, project: Project) -> None:
    private = secret_of(gpu, "private_key").splitlines()[1]
    client = as_person(ada)
    pages = ["compute", "compute_edit", "compute_grants", "compute_rename", "compute_detach"]
    for address in [*(reverse(name, args=["gpu1"]) for name in pages), "/admin/computes/computetarget/", "/computes/"]:
        page = client.get(address).content.decode()
        assert private not in page
        assert "hush-once" not in page
        assert gpu.sealed_private_key not in page
    change = client.get(reverse("admin:computes_computetarget_change", args=[gpu.pk])).content.decode()
    assert "gpu1.lab.example" in change
    for sealed in (gpu.sealed_private_key, gpu.sealed_install_password):
        assert sealed not in change


def test_the_password_can_be_forgotten_before_it_is_used(gpu: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    assert "The password waits, sealed" in client.get(gpu.get_absolute_url()).content.decode()
    client.post(reverse("compute_forget_password", args=["gpu1"]))
    gpu.refresh_from_db()
    assert gpu.sealed_install_password == ""


def test_renaming_by_the_page_says_what_is_not_changed(gpu: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    address = reverse("compute_rename", args=["gpu1"])
    assert "aml_config/gpu1.compute" in client.get(address).content.decode()
    refused = client.post(address, {"name": "new"})
    assert refused.status_code == 422
    assert "is the address of a page" in refused.context["form"].errors["name"][0]
    assert client.post(address, {"name": "gpu9"}).headers["Location"] == "/computes/gpu9/"


@pytest.fixture
def with_files(project: Project, project_folder: object) -> Project:
    """The project, whose files describe targets that nobody has attached."""
    folder = project_folder / "aml_config"  # type: ignore[operator]
    (folder / "gpu2.compute").write_text(
        "type: remote\naddress: gpu2.lab.example:2200\nusername: trainer\nprivateKey: AzureMlSecret=abc\n"
        "pythonLocation: /opt/py/bin/python\nyarnDeployMode: client\n"
    )
    (folder / "spark.compute").write_text("type: cluster\naddress: head\nusername: hdi\n")
    project.current_snapshot = take_snapshot(project, project_folder)  # type: ignore[arg-type]
    project.save()
    return project


def test_a_target_of_a_file_is_attached_from_the_projects_page(
    with_files: Project, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_kind_wait(monkeypatch, "cluster")
    address = reverse("compute_new") + "?project=hello&file=gpu2"
    escaped = address.replace("&", "&amp;")
    page = as_person(ada).get(with_files.get_absolute_url()).content.decode()
    assert escaped in page
    assert "file=spark" not in page, "a kind that is not supported cannot be attached"
    assert escaped not in as_person(bob).get(with_files.get_absolute_url()).content.decode()
    answer = as_person(ada).get(address)
    form = answer.context["form"]
    shown = {name: form[name].value() for name in ("name", "address", "username", "python_location", "credential")}
    assert shown == {
        "name": "gpu2",
        "address": "gpu2.lab.example:2200",
        "username": "trainer",
        "python_location": "/opt/py/bin/python",
        "credential": "key_pair",
    }
    assert "The credential is missing" in answer.content.decode()
    assert "AzureMlSecret" not in answer.content.decode()
    sent = {**FORM, **shown}
    assert as_person(ada).post(address, sent).status_code == 302
    assert ComputeTarget.objects.get(name="gpu2").port == 2200
    assert escaped not in as_person(ada).get(with_files.get_absolute_url()).content.decode()


def test_an_own_image_is_attached_from_a_file_with_its_python(
    project: Project, project_folder: Path, ada: User
) -> None:
    (project_folder / "aml_config/own.compute").write_text(
        "type: docker\nbaseDockerImage: lab/own:1\nuserManagedEnvironment: true\npythonLocation: /opt/venv/bin/python\n"
    )
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    address = reverse("compute_new") + "?project=hello&file=own"
    form = as_person(ada).get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    facts = {name: "on" if value is True else value for name, value in sent.items() if value not in (None, False)}
    assert as_person(ada).post(address, facts).status_code == 302
    target = ComputeTarget.objects.get(name="own")
    assert (target.user_managed_environment, target.python_location) == (True, "/opt/venv/bin/python")
    page = as_person(ada).get(target.get_absolute_url()).content.decode()
    assert "/opt/venv/bin/python" in page


@pytest.mark.parametrize("query", ["?project=hello&file=nothing", "?project=nowhere&file=gpu2", "?project=hello"])
def test_a_file_that_is_not_there_is_not_found(query: str, with_files: Project, ada: User) -> None:
    assert as_person(ada).get(reverse("compute_new") + query).status_code == 404


def test_the_matrix_says_what_is_ready_and_what_has_no_effect(
    with_files: Project, gpu: ComputeTarget, local_target: ComputeTarget, ada: User
) -> None:
    answer = as_person(ada).get(with_files.get_absolute_url())
    rows = {row.choice.name: row for row in answer.context["readiness"]}
    assert rows["local"].is_ready
    assert not rows["gpu1"].is_ready
    assert "No host key of gpu1.lab.example is approved yet" in rows["gpu1"].choice.note
    assert rows["gpu2"].silent_keys == ("yarnDeployMode",)
    assert (rows["gpu2"].may_be_attached, rows["spark"].may_be_attached) == (True, True)
    assert "There is no target spark" in rows["spark"].choice.refusal
    assert rows["local"].packages == "those of the Python there"


def test_a_stranger_learns_nothing_of_a_way(gpu: ComputeTarget, charlie: User) -> None:
    client: Client = as_person(charlie)
    assert client.get(reverse("compute_connection", args=["gpu1"])).status_code == 404
    for name in ("compute_scan", "compute_approve", "compute_forget_password"):
        assert client.post(reverse(name, args=["gpu1"])).status_code == 404


def test_the_pasted_command_lets_the_key_in_once_and_keeps_the_others(tmp_path: Path) -> None:
    private, line = new_key_pair("amlweb lab's 'gpu' $(id)")
    keys = tmp_path / ".ssh" / "authorized_keys"
    for _ in range(2):
        argv = ["/bin/sh", "-c", paste_command_for(line)]
        subprocess.run(argv, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=True)
    assert keys.read_text() == f"{line}\n"
    assert (keys.stat().st_mode & 0o777, keys.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert private not in paste_command_for(line)


def test_every_button_carries_its_token_against_forged_posts(gpu: ComputeTarget, ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    for address in (gpu.get_absolute_url(), reverse("compute_connection", args=["gpu1"])):
        page = client.get(address, headers={"HX-Request": "true"} if "connection" in address else {}).content.decode()
        forms = re.findall(r'<form method="post".*?</form>', page, re.DOTALL)
        assert len(forms) >= 3
        assert all("csrfmiddlewaretoken" in form for form in forms), forms
