"""What Spark printed when a cluster let a run down, in words with a remedy."""

import re
from dataclasses import dataclass

from computes.executors.spark.sign import Sign
from computes.in_run.amlweb_cluster.packing import TOO_LARGE_REMEDY
from computes.in_run.amlweb_cluster.sending import NOT_PACKED


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text of Spark's, and the words for it: `{0}` … are the groups that were found. `is_certain`: it ends every
    application, so the script's traceback only repeats it; what may also pass is for scripts that left no traceback."""

    found_by: re.Pattern[str]
    text: str
    remedy: str
    is_certain: bool


def pattern(found_by: str, text: str, remedy: str, is_certain: bool = True) -> Pattern:
    """Return a pattern that is found in one line or over several."""
    return Pattern(re.compile(found_by), text, remedy, is_certain)


FULL = r"No space left on device"
UNPACKING = r"(?:hadoop\.fs\.FileUtil\.un|util\.FSDownload\.|spark\.util\.Utils\$?\.(?:unpack|\w*fetchFile))"
FULL_WHILE_UNPACKING = rf"(?:tar: [^\n]{{1,300}}: {FULL}|{FULL}(?:\n\s+at [^\n]*){{0,40}}?\n\s+at [^\n]*{UNPACKING})"
ABORTED = r"(?:Job aborted due to stage failure|failed \d+ times due to AM Container)"
NO_ROOM = (
    "A node had no room to unpack the environment.",
    "Free disk on the nodes, or ask for fewer packages: each run unpacks its environment there. Then run again.",
)
PATTERNS = (
    pattern(
        re.escape(NOT_PACKED) + r"(The packed environment has .{1,200}? with every run\.)",
        "{0}",
        TOO_LARGE_REMEDY,
    ),
    pattern(rf"{ABORTED}[\s\S]{{0,2000}}?{FULL_WHILE_UNPACKING}", *NO_ROOM),
    pattern(
        re.escape(NOT_PACKED) + r"(.{1,400})",
        NOT_PACKED + "{0}",
        "Look at the head node's free disk, then run again; the pack is made anew.",
    ),
    pattern(
        r"All masters are unresponsive! Giving up",
        "No Spark master answered the driver.",
        "Start the master, or correct its address in the target's settings; the target's check asks it.",
    ),
    pattern(
        r"PYTHON_VERSION_MISMATCH|Python in worker has different version",
        "Driver and executors run different versions of Python.",
        "Give the project conda dependencies, so that its environment is sent to the nodes; or let an administrator "
        "install the same Python on the head node and on the nodes.",
    ),
    pattern(
        r"[Cc]annot run program \"(\./environment/bin/[^\"]+)\"",
        "The packed environment was not on a node: {0} is missing there.",
        "Look at the free disk of the nodes: each run unpacks its environment there. Then run again.",
    ),
    pattern(
        r"Required (?:executor|AM) memory \((\d+)[^\n]{0,200}? is above the max threshold \((\d+ MB)\)",
        "The cluster gives no container of {0} MB and more: its limit is {1}.",
        "Ask for less memory, or let an administrator raise yarn.scheduler.maximum-allocation-mb.",
    ),
    pattern(
        r"(?:Application|application) (?:\S+ )?(?:submitted by user \S+ )?to (?:unknown|non-leaf) queue:? ?(\S+)",
        "YARN has no queue {0} for this account.",
        "Let an administrator correct the queue of the target.",
    ),
    pattern(
        r"User (\S+) (?:cannot submit applications to queue|does not have permission to submit \S+ to queue) (\S+)",
        "{0} may not submit to the queue {1}.",
        "Let an administrator allow it in YARN, or name another queue in the target's settings.",
    ),
    pattern(
        r"When running with master '([^']+)' either HADOOP_CONF_DIR or YARN_CONF_DIR must be set",
        "Spark on the head node does not know where YARN is.",
        "Set HADOOP_CONF_DIR among the target's environment variables, on HDInsight to /etc/hadoop/conf.",
    ),
    pattern(FULL_WHILE_UNPACKING, *NO_ROOM, is_certain=False),
    pattern(
        r"GSSException: No valid credentials provided|Client cannot authenticate via:\[TOKEN, ?KERBEROS\]",
        "The cluster asks for Kerberos, and the account has no valid ticket.",
        "Let an administrator set principal and keytab of the target.",
        is_certain=False,
    ),
    pattern(
        r"Retrying connect to server: (\S+?)[.;,]? Already tried 9 time",
        "Hadoop's server {0} does not answer the head node.",
        "Start it, or correct the Hadoop configuration of the head node.",
        is_certain=False,
    ),
)


def sign_of_cluster(log: str) -> Sign | None:
    """Return what the end of a failed run's log says of the cluster; None when it says nothing."""
    for each in PATTERNS:
        if found := each.found_by.search(log):
            said = [(group or "").strip() for group in found.groups()]
            return Sign(each.text.format(*said), each.remedy, is_certain=each.is_certain)
    return None
