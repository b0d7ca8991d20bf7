"""What runs on the head node of a cluster beside spark-submit: packing of the environment, and a look at the progress.

Standard library only, Python 3.6 or newer, run by the script's own interpreter as

    python -c BOOT IN_RUN

`command` packs the environment once and starts the watcher; then `amlweb_spark.submitting` becomes spark-submit.
`watching` looks at the log, the driver's own pages and the cluster every few seconds and writes `application.json` into
the run folder. Nothing here decides how a run ends: that is the supervisor's, by the driver's exit code.
"""

BOOT = (
    "import sys; sys.path[0] = sys.argv[1]; from amlweb_cluster.command import make_ready; "
    "from amlweb_spark.submitting import main; sys.exit(make_ready() or main())"
)
