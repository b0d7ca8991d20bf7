"""Executors import the modules of a project by the names by which its script imports them."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from computes.in_run.amlweb_cluster.modules import write_modules
from computes.shared_storage.code_archives import write_code
from tests.computes.on_targets import Bench

FILES = {
    "helper.py": "WHERE = 'root'\n",
    "top.py": "WHERE = 'root'\n",
    "src/__init__.py": "",
    "src/train.py": "",
    "src/helper.py": "WHERE = 'beside'\n",
    "src/deep/__init__.py": "WHERE = 'beside'\n",
    "outputs/old.py": "",
}
SCRIPT = "src/train.py"


def on_a_head_node(folder: Path) -> Path:
    """Zip a run folder's code."""
    for name, text in FILES.items():
        path = folder / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "code" / "src" / "link.py").symlink_to("train.py")
    write_modules(str(folder / "code"), str(folder / "modules.zip"), SCRIPT)
    return folder / "modules.zip"


def on_the_server(folder: Path) -> Path:
    """Zip a snapshot's code."""
    request = replace(Bench(folder).request("", files=FILES), script=SCRIPT)
    write_code(request, folder / "code.tar", folder / "modules.zip")
    return folder / "modules.zip"


@pytest.mark.parametrize("zipped", [on_a_head_node, on_the_server])
def test_modules_beside_a_script_in_a_subfolder_are_found_and_those_of_the_root_too(
    zipped: Callable[[Path], Path], tmp_path: Path
) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import helper, deep, top, src.helper, src.deep\n"
        "print(helper.WHERE, deep.WHERE, top.WHERE, src.helper.WHERE)"
    )
    argv = [sys.executable, "-I", "-W", "error", "-c", program, str(zipped(tmp_path))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["beside", "beside", "root", "beside"], done.stderr
