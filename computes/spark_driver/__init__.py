"""The driver program: what a Spark application runs in the place of the user's script, wherever its driver is started.

One file of standard-library Python (3.6 or newer, Linux), placed in the shared storage by its content hash and run by
Spark as

    driver.py RUN_URI

It fetches what the server placed for the run, has the supervisor run the script beside it as it does everywhere, and
carries log, system log, metrics, outputs and the exit record to the shared storage. Spark's gateway is inherited: the
script finds it in its environment (PYSPARK_GATEWAY_PORT), so it may be a process of its own.

Modules import each other, the supervisor's and those of `in_run.amlweb_cluster` relatively, and nothing else of ours.
"""
