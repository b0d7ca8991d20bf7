"""The tiny job that a target is verified with; it runs there, under Python 3.6 or newer, by Python or spark-submit.

usage: tiny_job.py Python|PySpark facts|exit|wait [CODE]
"""

import json
import os
import platform
import socket
import sys
import time
from importlib import import_module
from typing import Any

SLEEP_SECONDS = 3600
TASKS = 4
OUTPUT = "in/a folder/é.txt"


def main() -> None:
    """Do what the arguments say."""
    framework, deed = sys.argv[1:3]
    print("verification: started", flush=True)
    context = spark_context() if framework == "PySpark" else None
    if deed == "facts":
        tell(context)
    elif deed == "wait":
        executors_of(context)
        print("verification: ready", flush=True)
        time.sleep(SLEEP_SECONDS)
    if context is not None:
        context.stop()
    if deed == "exit":
        sys.exit(int(sys.argv[3]))


def spark_context() -> Any:
    """Return the context of an application that gets resources."""
    return import_module("pyspark.sql").SparkSession.builder.getOrCreate().sparkContext


def tell(context: Any) -> None:
    """Log metrics and leave outputs that say what was found."""
    amlweb_run = import_module("amlweb_run")
    for step in (1, 2, 3):
        amlweb_run.log("verification", step * step, step=step)
    amlweb_run.upload(OUTPUT, "left by the tiny job\n")
    facts = {
        "python": platform.python_version(),
        "system": system(),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "arguments": sys.argv[3:],
        "variable": os.environ.get("VERIFICATION"),
        "secret_length": len(os.environ.get("VERIFICATION_SECRET", "")),
        "host": socket.gethostname(),
        **spark_facts(context),
    }
    amlweb_run.upload("facts.json", json.dumps(facts))
    print("verification: told", flush=True)


def spark_facts(context: Any) -> "dict[str, Any]":
    """Return what Spark says of itself and of the Pythons of its executors."""
    if context is None:
        return {}
    jvm = context._jvm
    return {
        "spark": context.version,
        "java": jvm.java.lang.System.getProperty("java.version"),
        "hadoop": jvm.org.apache.hadoop.util.VersionInfo.getVersion(),
        "executors": executors_of(context),
    }


def executors_of(context: Any) -> "list[list[str]]":
    """Return version and host of each Python that a few tasks ran in."""
    if context is None:
        return []

    def python_here(_: int) -> "tuple[str, str]":
        import platform  # noqa: PLC0415 (runs in an executor)
        import socket  # noqa: PLC0415

        return platform.python_version(), socket.gethostname()

    found = context.parallelize(range(TASKS), TASKS).map(python_here).collect()
    return [list(each) for each in sorted(set(found))]


def system() -> str:
    """Return the name of the operating system."""
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            lines = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
        return lines.get("PRETTY_NAME", "").strip('"') or platform.platform()
    except OSError:
        return platform.platform()


if __name__ == "__main__":
    main()
