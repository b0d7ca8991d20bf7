"""*contract*: what `yarn logs` prints comes without the secrets of the run."""

from pathlib import Path

from computes.in_run.amlweb_cluster.on_nodes.application import Application
from computes.in_run.amlweb_cluster.on_nodes.commands import Commands
from computes.in_run.amlweb_cluster.on_nodes.container_logs import CUT, MARK, MOST_BYTES, bring_logs

HEAD = MARK + b"1_0001_01_000002 on node1_45454\n"
KEY = "-----BEGIN KEY-----\nfirst line of it\nsecond line of it\n-----END KEY-----\n"


def logs_of(printed: bytes, secrets: list[str], folder: Path) -> bytes:
    """Return what is kept of what YARN prints."""
    yarn = folder / "yarn"
    yarn.write_text(f"#!/bin/sh\nexec cat '{folder}/printed'\n")
    yarn.chmod(0o755)
    (folder / "printed").write_bytes(HEAD + printed)
    application = Application("tag", Commands({"PATH": f"{folder}:/usr/bin:/bin"}, str(folder), []))
    notes: list[str] = []
    bring_logs(application, str(folder / "logs"), secrets, 0.0, notes.append)
    assert notes == []
    return (folder / "logs").read_bytes().removeprefix(HEAD)


def test_a_secret_that_holds_another_is_starred_out_whole(tmp_path: Path) -> None:
    assert logs_of(b"it is password12, or pass\n", ["pass", "password12"], tmp_path) == b"it is **********, or ****\n"


def test_a_line_of_a_secret_is_starred_out_too(tmp_path: Path) -> None:
    said = logs_of(b"read: second line of it\n", [KEY], tmp_path)
    assert said == b"read: *****************\n"


def test_no_beginning_of_a_secret_stays_at_the_cut(tmp_path: Path) -> None:
    before = b"x" * (MOST_BYTES - len(HEAD) - 4)
    said = logs_of(before + b"hunter2" + b"y" * 100_000, ["hunter2"], tmp_path)
    assert said == before + CUT
