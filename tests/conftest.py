"""What every test may ask for: a data folder of its own, the cast, a project and a target.

Alice owns the project, Bob runs things in it, Vera only looks, Charlie must see nothing, Ada administers.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings

from computes import registry
from computes.build_folder import end_attempts
from computes.models import ComputeTarget
from computes.registry import REGISTRY
from projects.models import Membership, Project, Role
from projects.snapshots import take_snapshot
from tests.computes.django.cluster_parts import let_clusters_exist
from tests.computes.django.environment_parts import BUILDER, Workshop
from tests.stack.chromium import LAUNCH_ARGUMENTS, chromium_path

hypothesis_settings.register_profile("busy", deadline=None)  # wall time says nothing on a busy machine
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "busy")

PASSWORD = "correct horse battery staple"
HELLO_SCRIPT = 'print("Hello from the project")\n'


DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}
DATABASE_MARKERS = ("django_db", "browser", "stack")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the options of the passes of `tests.stack`."""
    parser.addoption("--only-with-database", action="store_true", help="Leave out tests that use no database")
    parser.addoption("--leave-out-one-database", action="store_true", help="Leave out tests marked one_database")
    parser.addoption("--without-database", choices=("odd", "even"), help="Only tests without one, of every second file")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another pass runs."""
    kept = items
    if config.getoption("--only-with-database"):
        kept = [item for item in items if uses_database(item)]
    if config.getoption("--leave-out-one-database"):
        kept = [item for item in kept if not item.get_closest_marker("one_database")]
    if half := config.getoption("--without-database"):
        rest = [item for item in items if not uses_database(item)]
        files = sorted({item.path for item in rest})
        chosen = set(files[0 if half == "odd" else 1 :: 2])
        kept = [item for item in rest if item.path in chosen]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def uses_database(item: pytest.Item) -> bool:
    """Return whether a test uses a database, by a fixture or by a marker."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(DATABASE_FIXTURES & fixtures) or any(item.get_closest_marker(name) for name in DATABASE_MARKERS)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Before the test database is dropped, end what threads of the tests' own servers still hold open on PostgreSQL."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def data_dir(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Move everything that the server keeps into this test's own folder.

    Sockets get a short folder, because their address may have 107 bytes at most.
    """
    sockets = Path(tempfile.mkdtemp(prefix="amlweb-"))
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    settings.DATA_DIR = folder
    settings.KEY_FILE = folder / "keys"
    settings.BLOB_DIR = folder / "blobs"
    settings.PACKAGE_CACHE = folder / "packages"
    settings.RUN_DIR = folder / "runs"
    settings.LOCAL_WORK_FOLDER = folder / "work"
    settings.SAMPLE_PYTHON = folder / "sample-python" / "bin" / "python"
    settings.TURN_DIR = folder / "turns"
    settings.SOCKET_DIR = sockets
    yield folder
    shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture
def alice(db: None) -> User:
    """The owner of the project."""
    return User.objects.create_user("alice", password=PASSWORD)


@pytest.fixture
def bob(db: None) -> User:
    """A member who runs things."""
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def vera(db: None) -> User:
    """A member who only looks."""
    return User.objects.create_user("vera", password=PASSWORD)


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger to the project."""
    return User.objects.create_user("charlie", password=PASSWORD)


@pytest.fixture
def ada(db: None) -> User:
    """The administrator."""
    return User.objects.create_superuser("ada", password=PASSWORD)


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A small folder of code."""
    folder = tmp_path / "project"
    (folder / "aml_config").mkdir(parents=True)
    (folder / "hello.py").write_text(HELLO_SCRIPT)
    (folder / "README.md").write_text("# Hello\n")
    return folder


@pytest.fixture
def project(data_dir: Path, project_folder: Path, alice: User, bob: User, vera: User) -> Project:
    """Alice's project with Bob as a runner and Vera as a viewer, and a snapshot of the small folder."""
    project: Project = Project.objects.create(slug="hello", name="Hello", created_by=alice)
    for person, role in ((alice, Role.OWNER), (bob, Role.RUNNER), (vera, Role.VIEWER)):
        Membership.objects.create(project=project, user=person, role=role)
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    return project


@pytest.fixture
def local_target(data_dir: Path, project: Project, ada: User) -> ComputeTarget:
    """This machine as a target that the project may use."""
    target: ComputeTarget = ComputeTarget.objects.create(
        name="local",
        kind=ComputeTarget.Kind.LOCAL,
        slots=2,
        python_location=sys.executable,
        work_folder=str(data_dir / "work" / "local"),
        created_by=ada,
    )
    target.grants.create(project=project)
    return target


@pytest.fixture
def cluster_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Spark clusters be attached; their runs are fake."""
    let_clusters_exist(monkeypatch)


@pytest.fixture
def workshop(
    data_dir: Path, tmp_path: Path, project: Project, ada: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    """A target whose environments we make, by builders that obey; its runs are fake. Builders are ended afterwards."""
    orders = tmp_path / "orders"
    orders.mkdir()
    settings.ENVIRONMENT_BUILDER = [*BUILDER, str(orders)]
    monkeypatch.setitem(REGISTRY, ("remote", "Python"), REGISTRY[("fake", "Python")])
    monkeypatch.setattr(registry, "EXECUTORS", {})
    monkeypatch.setattr(ComputeTarget, "is_over_ssh", False)
    target: ComputeTarget = ComputeTarget.objects.create(
        name="bench",
        kind=ComputeTarget.Kind.REMOTE,
        user_managed_environment=False,
        address="bench.example",
        work_folder=str(data_dir / "work" / "bench"),
        created_by=ada,
    )
    target.grants.create(project=project)
    yield Workshop(target, project, orders)
    for folder in (data_dir / "environments").glob("*"):
        end_attempts(int(folder.name))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the machine's own Chromium, quiet and without calls to the outside."""
    return {**browser_type_launch_args, "executable_path": chromium_path(), "args": LAUNCH_ARGUMENTS}
