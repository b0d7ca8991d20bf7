"""What YARN's commands and Spark's YARN client print. *contract*: no ResourceManager can be had for the tests.

Written from the public documentation of Hadoop ("YARN Commands", "Capacity Scheduler", "YARN Application Security"),
the sources of its ApplicationCLI and NodeCLI, and those of Spark's org.apache.spark.deploy.yarn.Client.
"""

ID = "application_1700000000000_0007"
HEAD = "Total number of applications (application-types: [], states: [RUNNING] and tags: [abc]):"
COLUMNS = (
    "                Application-Id\t    Application-Name\t    Application-Type\t      User\t     Queue\t"
    "             State\t       Final-State\t       Progress\t                       Tracking-URL\n"
)
ROW = f"{ID}\t                abc\t               SPARK\t   trainer\t   default\t           RUNNING\t"
ONE = f"{HEAD}1\n{COLUMNS}{ROW}         UNDEFINED\t            10%\t           http://head:4040\n"
NONE = f"{HEAD}0\n{COLUMNS}"
CHATTER = (
    "SLF4J: Class path contains multiple SLF4J bindings.\n"
    "26/01/02 03:04:05 INFO client.RMProxy: Connecting to ResourceManager at head/10.0.0.4:8032\n"
)


def report(state: str, final: str, diagnostics: str = "") -> str:
    """Return what -status prints of one application."""
    return f"""Application Report :
\tApplication-Id : {ID}
\tApplication-Name : abc
\tApplication-Type : SPARK
\tUser : trainer
\tQueue : default
\tApplication Priority : 0
\tStart-Time : 1700000001000
\tFinish-Time : 1700000002000
\tProgress : 100%
\tState : {state}
\tFinal-State : {final}
\tTracking-URL : http://head:8088/proxy/{ID}/
\tRPC Port : -1
\tAM Host : node1
\tAggregate Resource Allocation : 489656 MB-seconds, 358 vcore-seconds
\tLog Aggregation Status : NOT_START
\tDiagnostics : {diagnostics}
\tUnmanaged Application : false
"""


NOT_FOUND = f"Application with id '{ID}' doesn't exist in RM or Timeline Server.\n"
GATEWAY = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n"
NO_TICKET = (
    "26/01/02 03:04:05 WARN ipc.Client: Exception encountered while connecting to the server\n"
    "org.apache.hadoop.security.AccessControlException: Client cannot authenticate via:[TOKEN, KERBEROS]\n"
)
NODES = """Total Nodes:2
         Node-Id\t     Node-State\tNode-Http-Address\tNumber-of-Running-Containers
     node1:45454\t        RUNNING\t       node1:8042\t                           1
     node2:45454\t        RUNNING\t       node2:8042\t                           0
"""
NO_NODES = "Total Nodes:0\n         Node-Id\t     Node-State\tNode-Http-Address\tNumber-of-Running-Containers\n"


def client_says(state: str, diagnostics: str = "N/A") -> str:
    """Return what Spark's client prints when the state of an application has changed."""
    return f"""26/01/02 03:04:05 INFO Client: Application report for {ID} (state: {state})
26/01/02 03:04:05 INFO Client:\x20
\t client token: N/A
\t diagnostics: {diagnostics}
\t ApplicationMaster host: N/A
\t queue: default
\t final status: UNDEFINED
\t tracking URL: http://head:8088/proxy/{ID}/
\t user: trainer
"""


FULL_EXECUTOR = """org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 \
times, most recent failure: Lost task 0.3 in stage 0.0 (TID 3) (node1 executor 1): \
java.io.IOException: No space left on device
\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)
\tat org.apache.hadoop.fs.FileUtil.unpackEntries(FileUtil.java:1100)
\tat org.apache.spark.util.Utils$.unpack(Utils.scala:600)
"""
FULL_CONTAINER = (
    f"Application {ID} failed 2 times due to AM Container for appattempt_1700000000000_0007_000002 exited with  "
    "exitCode: -1000\nFailing this attempt.Diagnostics: ExitCodeException exitCode=2: "
    "tar: lib/libpython3.11.so.1.0: Cannot write: No space left on device\n"
)
SUBMITTED = f"26/01/02 03:04:04 INFO YarnClientImpl: Submitted application {ID}\n"
STILL = "26/01/02 03:04:06 INFO Client: Application report for %s (state: %s)\n"
