"""How a PySpark script is started on its target: spark-submit, run by the supervisor as the program of a run.

Standard library only, Python 3.6 or newer, run by the script's own interpreter as

    python -c BOOT IN_RUN

`finding` looks for Spark and Java, `submitting` becomes spark-submit, and `driver` is the program that spark-submit
runs: it becomes the script. So nothing that a user wrote is ever on spark-submit's command line.
"""

BOOT = "import sys; sys.path[0] = sys.argv[1]; from amlweb_spark.submitting import main; sys.exit(main())"
