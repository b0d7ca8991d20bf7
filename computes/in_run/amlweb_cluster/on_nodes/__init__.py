"""Applications whose driver lives on a node of a YARN cluster, followed from the head node.

Standard library only, Python 3.6 or newer, run by the script's own interpreter under the supervisor as

    python -c BOOT IN_RUN

`command` places what the driver program needs in the storage of the cluster, has spark-submit hand the driver over, and
follows: what the driver carries to the storage (log, system log, metrics, outputs, exit record) comes into the run's
own folder, where it is read as that of any other run, and the script's exit code becomes ours. Asked to end, it ends
the application and makes sure of it. `settle` does that later for a run whose follower was killed.
"""

BOOT = (
    "import sys; sys.path[0] = sys.argv[1]; from amlweb_cluster.on_nodes.command import main; "
    "from amlweb_spark.submitting import made_ready; main(made_ready)"
)
SETTLE = (
    "import sys; sys.path[0] = sys.argv[1]; from amlweb_cluster.on_nodes.settle import main; "
    "sys.exit(main(sys.argv[2]))"
)
