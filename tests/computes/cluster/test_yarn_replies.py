"""*contract*: YARN's replies are understood, the odd ones too. Nothing here was run against a real ResourceManager."""

import time
from pathlib import Path

import pytest

from computes.executors.spark.failure_signs import sign_in
from computes.in_run.amlweb_cluster import yarn
from computes.in_run.amlweb_cluster.cluster_word import YARN_SECONDS, YarnsWord, word_of
from computes.in_run.amlweb_cluster.log_signs import LogSigns
from computes.in_run.amlweb_cluster.on_nodes.ticket import Ticket
from tests.computes.cluster import yarn_replies as replies
from tests.computes.cluster.yarn_replies import ID

PROGRAM = """#!/bin/sh
test -z "$HUSH" || echo told
case "$2 $3" in
    "-status {id}") cat '{folder}/status' ;;
    "-list -appTags") test "$4" = abc && cat '{folder}/list' ;;
    *) echo "unknown: $*" >&2; exit 2 ;;
esac
"""


def signs_of(folder: Path, *texts: str) -> LogSigns:
    """Return what a log says that grows by these texts."""
    log = folder / "log"
    log.write_text("")
    signs = LogSigns(str(log))
    for text in texts:
        with log.open("a") as file:
            file.write(text)
        signs.read()
    return signs


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (replies.ONE, [ID]),
        (replies.NONE, []),
        (replies.CHATTER + replies.ONE, [ID]),
        (replies.GATEWAY, []),
        (replies.NO_TICKET, []),
        (f"somebody wrote {ID}\n", []),
        ("", []),
    ],
)
def test_applications_are_found_by_their_tag(text: str, ids: list[str]) -> None:
    assert yarn.applications_in(text) == ids


@pytest.mark.parametrize(
    ("text", "state", "final"),
    [
        (replies.report("ACCEPTED", "UNDEFINED"), "ACCEPTED", "UNDEFINED"),
        (replies.report("RUNNING", "UNDEFINED"), "RUNNING", "UNDEFINED"),
        (replies.report("FINISHED", "SUCCEEDED"), "FINISHED", "SUCCEEDED"),
        (replies.report("FINISHED", "FAILED", "User class threw exception"), "FINISHED", "FAILED"),
        (replies.report("KILLED", "KILLED", "Application killed by user."), "KILLED", "KILLED"),
        (replies.report("FAILED", "FAILED", "x\n\tState : FINISHED\n\tFinal-State : SUCCEEDED"), "FAILED", "FAILED"),
        (replies.CHATTER + replies.report("RUNNING", "UNDEFINED"), "RUNNING", "UNDEFINED"),
        (replies.NOT_FOUND, "", ""),
        (replies.GATEWAY, "", ""),
        (replies.NO_TICKET, "", ""),
        ("", "", ""),
    ],
)
def test_the_state_of_an_application_is_read(text: str, state: str, final: str) -> None:
    found = yarn.status_in(text)
    assert (found["state"], found["final"]) == (state, final)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [(replies.NODES, 2), (replies.CHATTER + replies.NODES, 2), (replies.NO_NODES, 0), (replies.GATEWAY, -1), ("", -1)],
)
def test_nodes_are_counted(text: str, nodes: int) -> None:
    assert yarn.nodes_in(text) == nodes


def test_the_log_of_the_client_tells_id_state_and_what_is_waited_for(tmp_path: Path) -> None:
    waiting = "AM container is launched, waiting for AM container to Register with RM"
    still = replies.STILL % (ID, "ACCEPTED")
    signs = signs_of(tmp_path, replies.SUBMITTED, replies.client_says("ACCEPTED", waiting) + still * 3)
    assert (signs.application, signs.state, signs.why) == (ID, "ACCEPTED", waiting)
    signs = signs_of(
        tmp_path, replies.SUBMITTED, replies.client_says("ACCEPTED", waiting), replies.client_says("RUNNING")
    )
    assert (signs.state, signs.why) == ("RUNNING", "")


def test_half_a_line_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    half = replies.SUBMITTED[: replies.SUBMITTED.index("0007") + 2]
    assert signs_of(tmp_path, half).application == ""
    assert signs_of(tmp_path, half, replies.SUBMITTED[len(half) :]).application == ID


def test_yarns_command_is_asked_by_tag_and_by_id_and_sees_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "yarn"
    program.write_text(PROGRAM.format(id=ID, folder=tmp_path))
    program.chmod(0o755)
    (tmp_path / "list").write_text(replies.ONE)
    (tmp_path / "status").write_text(replies.report("KILLED", "KILLED"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HUSH", "secret")
    word = YarnsWord("abc", ["HUSH"], Ticket("", "", str(tmp_path)))
    assert word.find() == ""
    word.asked_at = time.monotonic() - YARN_SECONDS
    assert word.find() == ID
    assert word.final_state(ID) == "KILLED"
    assert word.ask([str(program), "application", "-status", ID]).startswith("Application Report")


def test_yarns_command_is_given_a_ticket_where_the_target_has_a_keytab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (
        ("kinit", 'echo "$@" > "${KRB5CCNAME#FILE:}"'),
        ("yarn", '[ -s "${KRB5CCNAME#FILE:}" ] && cat "$REPLY" || exit 1'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "reply").write_text(replies.report("RUNNING", "UNDEFINED"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("REPLY", str(tmp_path / "reply"))
    part = {"master": "yarn", "tag": "abc", "principal": "trainer@LAB", "keytab": "/etc/trainer.keytab"}
    assert word_of(part, [], str(tmp_path)).final_state(ID) == "RUNNING"
    assert (tmp_path / "ticket").read_text() == "-k -t /etc/trainer.keytab trainer@LAB\n"


def test_a_head_node_without_yarns_command_is_no_failure_but_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OSError, match="no yarn program"):
        YarnsWord("abc", [], Ticket("", "", "/nowhere")).final_state(ID)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("ERROR StandaloneSchedulerBackend: All masters are unresponsive! Giving up.", "No Spark master answered"),
        ("pyspark.errors.exceptions.base.PySparkRuntimeError: [PYTHON_VERSION_MISMATCH] Python in worker", "different"),
        ('java.io.IOException: Cannot run program "./environment/bin/python": error=2', "./environment/bin/python"),
        (
            "java.lang.IllegalArgumentException: Required executor memory (8192 MB), offHeap memory (0) MB, overhead "
            "(819 MB), and PySpark memory (0 MB) is above the max threshold (4096 MB) of this cluster! Please check",
            "its limit is 4096 MB",
        ),
        (f"Failed to submit {ID} to YARN: Application {ID} submitted by user trainer to unknown queue: gold", "gold"),
        ("When running with master 'yarn' either HADOOP_CONF_DIR or YARN_CONF_DIR must be set", "where YARN is"),
        ("The environment could not be packed for the cluster: File 'x' already exists", "'x' already exists"),
        (replies.FULL_EXECUTOR, "no room to unpack"),
        (replies.FULL_CONTAINER, "no room to unpack"),
    ],
)
def test_what_a_cluster_says_of_a_failure_has_words_and_a_remedy(log: str, words: str) -> None:
    sign = sign_in(f"before\n{log}\nafter\n")
    assert sign is not None
    assert words in sign.text
    assert sign.remedy
    assert sign.is_certain


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (replies.NO_TICKET, "Kerberos"),
        (replies.FULL_CONTAINER.partition(": ")[2], "no room to unpack"),
        ("Retrying connect to server: head/10.0.0.4:8032. Already tried 9 time(s)", "head/10.0.0.4:8032"),
    ],
)
def test_what_may_pass_by_itself_is_a_sign_that_a_certain_one_and_a_traceback_outrank(log: str, words: str) -> None:
    sign = sign_in(f"before\n{log}\nafter\n")
    assert sign is not None
    assert words in sign.text
    assert sign.remedy
    assert not sign.is_certain
    both = sign_in(f"{log}\nWhen running with master 'yarn' either HADOOP_CONF_DIR or YARN_CONF_DIR must be set")
    assert both is not None
    assert both.is_certain


def test_a_disk_that_is_full_for_other_reasons_is_no_sign_of_the_cluster() -> None:
    spilling = (
        "java.io.IOException: No space left on device\n\tat org.apache.spark.storage.DiskBlockObjectWriter.write\n"
    )
    assert sign_in(f"Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 times: {spilling}") is None


def test_an_ordinary_traceback_is_no_sign_of_the_cluster() -> None:
    assert sign_in("Traceback (most recent call last):\nValueError: executors\n") is None
