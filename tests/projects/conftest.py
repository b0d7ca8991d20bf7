"""What the tests of projects share: a data folder of their own, a person, a project, a small folder of code."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from projects.models import Membership, Project, Role

Laid = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture(autouse=True)
def own_data_folder(settings: Settings, tmp_path: Path) -> Path:
    data = tmp_path / "data"
    settings.DATA_DIR = data
    settings.BLOB_DIR = data / "blobs"
    settings.KEY_FILE = data / "keys"
    return data


@pytest.fixture
def lay(tmp_path: Path) -> Laid:
    """Write files into a fresh folder and return it."""

    def laid(files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / f"code-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return laid


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def project(alice: User) -> Project:
    project = Project.objects.create(slug="iris", name="Iris", created_by=alice)
    Membership.objects.create(project=project, user=alice, role=Role.OWNER)
    return project
