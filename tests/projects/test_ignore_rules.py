"""What belongs to a project: fixed exclusions, nested .gitignore files, and .amlignore above them."""

import os
import subprocess
from pathlib import Path

import pytest

from projects.errors import SourceRefused
from projects.folder_walk import open_beneath, open_folder, walk_folder
from projects.ignore_rules import FIXED_EXCLUSIONS, is_fixed_exclusion
from tests.projects.conftest import Laid


def paths_in(folder: Path) -> list[str]:
    return [file.path for file in walk_folder(open_folder(folder), "folder", 1000).files]


def test_the_fixed_exclusions_are_left_out_wherever_their_row_says(lay: Laid) -> None:
    files = {f"{name}/x": "" for name in FIXED_EXCLUSIONS} | {f"sub/{name}/x": "" for name in FIXED_EXCLUSIONS}
    assert paths_in(lay(files | {"Outputs/a": "", "a.py": ""})) == [
        "Outputs/a",
        "a.py",
        "sub/azureml-logs/x",
        "sub/outputs/x",
    ]
    assert is_fixed_exclusion("outputs/model.pkl")
    assert not is_fixed_exclusion("sub/outputs.py")


def test_no_rule_brings_a_fixed_exclusion_back(lay: Laid) -> None:
    assert paths_in(lay({".git/config": "", ".amlignore": "!.git\n!.git/config\n", "a.py": ""})) == [
        ".amlignore",
        "a.py",
    ]


RULES = {
    ".gitignore": "*.log\n/top.txt\ndata/\n!keep.log\nsub/*.tmp\n\\#odd\n# note\nspace \\ \n",
    "sub/.gitignore": "!special.log\n*.bin\n/here.txt\n",
    "sub/deep/.gitignore": "!a.bin\n",
}
FILES = [
    "a.log keep.log top.txt sub/top.txt data/x sub/data/y sub/a.tmp sub/deep/a.tmp sub/special.log special.log",
    "sub/a.bin sub/deep/a.bin sub/deep/b.bin sub/here.txt sub/deep/here.txt #odd é.log Ünï.py data.py",
]


def test_gitignore_files_mean_what_they_mean_to_git(lay: Laid) -> None:
    folder = lay(RULES | dict.fromkeys(" ".join(FILES).split(), ""))
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"], cwd=folder, check=True, capture_output=True
    )
    assert paths_in(folder) == sorted(listed.stdout.decode().strip("\0").split("\0"), key=str.encode)


def test_amlignore_counts_before_every_gitignore(lay: Laid) -> None:
    files = {
        ".gitignore": "*.csv\n",
        "sub/.gitignore": "*.txt\n",
        ".amlignore": "!keep.csv\n!sub/a.txt\nnotes/\n",
        "keep.csv": "",
        "drop.csv": "",
        "sub/a.txt": "",
        "sub/b.txt": "",
        "notes/a.py": "",
        "sub/.amlignore": "*.py",
        "sub/a.py": "",
    }
    kept = [".amlignore", ".gitignore", "keep.csv", "sub/.amlignore", "sub/.gitignore", "sub/a.py", "sub/a.txt"]
    assert paths_in(lay(files)) == kept


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("a*b*c*d*e*f*g*h*i*j*k\n", "Line 1 of .amlignore has more than 8 wildcards"),
        ("x\n" * 200_000, "larger than 200,000 bytes"),
        ("!\n", "pattern that git does not know"),
    ],
)
def test_rules_that_cannot_be_used_are_refused(lay: Laid, rules: str, said: str) -> None:
    with pytest.raises(SourceRefused, match=said) as refused:
        paths_in(lay({".amlignore": rules, "a" * 200: ""}))
    assert refused.value.field == "folder"


def test_rules_that_are_not_text_do_no_harm(lay: Laid) -> None:
    assert paths_in(lay({".amlignore": b"\xff\xfe\0\n*.log\n", "a.log": "", "a.py": ""})) == [".amlignore", "a.py"]


def test_nothing_is_opened_through_a_link(lay: Laid, tmp_path: Path) -> None:
    folder = lay({"real/a.py": "x"})
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(OSError, match="link"):
        open_folder(tmp_path / "link" / "real")
    (folder / "file").symlink_to("real/a.py")
    (folder / "folder").symlink_to("real")
    os.mkfifo(folder / "pipe")
    opened = open_folder(folder)
    for name in ("file", "folder/a.py", "pipe", "real"):
        with pytest.raises(OSError, match=r"link|Not a directory|regular"):
            open_beneath(opened, name)
    with open_beneath(opened, "real/a.py") as file:
        assert file.read() == b"x"
    os.close(opened)
