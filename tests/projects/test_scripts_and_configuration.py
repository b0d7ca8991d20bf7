"""The scripts that can be picked, and the configuration of a snapshot."""

from projects.configuration import aml_config_of
from projects.models import Project
from projects.scripts import runnable_scripts
from projects.snapshots import take_snapshot
from projects.snapshots.files import SnapshotFiles
from tests.projects.conftest import Laid


def test_scripts_are_listed_with_likely_entries_first(project: Project, lay: Laid) -> None:
    names = "alone.py lib/tool.py lib/__init__.py aml_config/x.py .hidden/y.py .z.py tests/test_a.py setup.py a.txt"
    files = dict.fromkeys(names.split(), "import os\n")
    files |= {
        "train_digits.py": "",
        "helper.py": "x = '__main__'\n",
        "zoo.py": "\nif __name__ == '__main__':\n    pass\n",
    }
    files |= {"deep/er/main.py": ""}
    snapshot = take_snapshot(project, lay(files))
    assert runnable_scripts(snapshot) == [
        "train_digits.py",
        "zoo.py",
        "deep/er/main.py",
        "alone.py",
        "helper.py",
        "lib/tool.py",
    ]
    runnable_scripts(snapshot).clear()
    assert runnable_scripts(snapshot)


def test_the_configuration_is_read_and_remembered(project: Project, lay: Laid) -> None:
    snapshot = take_snapshot(project, lay({"a.py": "", "aml_config/local.compute": "type: local\n"}))
    configuration = aml_config_of(snapshot)
    assert list(configuration.computes) == ["local"]
    assert aml_config_of(snapshot) is configuration


def test_a_project_without_configuration_has_an_empty_one(project: Project, lay: Laid) -> None:
    assert not aml_config_of(take_snapshot(project, lay({"a.py": ""}))).computes


def test_a_snapshots_files_are_a_mapping(project: Project, lay: Laid) -> None:
    files = SnapshotFiles(take_snapshot(project, lay({"a.py": "abc", "b/c": ""})), 2)
    assert (list(files), len(files), files["a.py"], "b/c" in files, "b" in files) == (
        ["a.py", "b/c"],
        2,
        b"ab",
        True,
        False,
    )
    assert files.get("b") is None
