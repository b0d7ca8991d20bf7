"""Looks for Spark and Java where a script will run, and says in words what is missing.

Run by itself it prints one JSON object: `python -c SOURCE LOCATION [versions]`. It imports nothing of ours, so that it
can be handed to an interpreter as text.
"""

import glob
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

USUAL = "spark-submit"
USUAL_JAVAS = "/usr/lib/jvm/*/bin/java"
JAVA_SECONDS = 20
CORE = re.compile(r"spark-core_[\d.]+-(.+)\.jar$")
JAVA_VERSION = re.compile(r'version "([^"]+)"')


def find(location: str, environment: "Mapping[str, str]", with_versions: bool = False) -> "dict[str, Any]":
    """Return where spark-submit and Java are, or a `problem` and a `remedy` in words.

    `submit` is the program and `spark_home` its Spark, empty where the program knows best; `java` is the program and
    `java_home` what JAVA_HOME must say, empty where all is well without. `location` is the target's spark-submit, a
    path or a name.
    """
    submit, home = find_spark(location, environment)
    java, java_home = find_java(environment)
    found = {"submit": submit, "spark_home": home, "java": java, "java_home": java_home}  # type: dict[str, Any]
    if not submit:
        found.update(problem_of_spark(location))
    elif not java:
        found.update(problem_of_java(environment))
    elif shutil.which("bash", path=environment.get("PATH")) is None:
        found.update(problem="spark-submit needs bash, which is not there.", remedy="Install bash there.")
    if with_versions:
        found.update(spark_version=spark_version(submit, home), java_version=java_version(java) if java else "")
    return found


def find_spark(location: str, environment: "Mapping[str, str]") -> "tuple[str, str]":
    """Return (spark-submit, its SPARK_HOME), both empty when there is none.

    A path that the target names is taken literally. Else it is the pyspark of this interpreter, then SPARK_HOME, then
    the program in PATH, which knows its own home.
    """
    if "/" in location:
        path = os.path.expanduser(location)
        return (path, "") if is_program(path) else ("", "")
    if location == USUAL:
        for home in (home_of_pyspark(), environment.get("SPARK_HOME", "")):
            path = os.path.join(home, "bin", USUAL) if home else ""
            if path and is_program(path):
                return path, home
    return shutil.which(location, path=environment.get("PATH")) or "", ""


def home_of_pyspark() -> str:
    """Return the Spark that is inside this interpreter's pyspark package; empty without one."""
    try:
        spec = importlib.util.find_spec("pyspark")
    except (ImportError, ValueError):
        return ""
    folder = os.path.dirname(spec.origin) if spec is not None and spec.origin else ""
    return folder if folder and os.path.isdir(os.path.join(folder, "jars")) else ""


def find_java(environment: "Mapping[str, str]") -> "tuple[str, str]":
    """Return (java, JAVA_HOME to set). The environment's own Java comes first; then, as Spark itself looks, JAVA_HOME,
    else PATH; at last what lies beside the interpreter or in the usual place."""
    own = os.path.join(sys.prefix, "lib", "jvm")
    if is_program(os.path.join(own, "bin", "java")):
        return os.path.join(own, "bin", "java"), own
    if environment.get("JAVA_HOME"):
        path = os.path.join(environment["JAVA_HOME"], "bin", "java")
        return (path, "") if is_program(path) else ("", "")
    in_path = shutil.which("java", path=environment.get("PATH"))
    if in_path:
        return in_path, ""
    beside = os.path.join(os.path.dirname(sys.executable), "java")
    for path in [beside, *sorted(glob.glob(USUAL_JAVAS), reverse=True)]:
        if is_program(path):
            return path, os.path.dirname(os.path.dirname(os.path.realpath(path)))
    return "", ""


def is_program(path: str) -> bool:
    """Whether a path is a file that can be executed."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def problem_of_spark(location: str) -> "dict[str, str]":
    """Return what to say when there is no spark-submit."""
    if location != USUAL:
        return {
            "problem": "There is no spark-submit program %r, or it cannot be executed." % location[:200],
            "remedy": "Set sparkSubmitLocation of the compute target to one that is there, or leave it empty.",
        }
    return {
        "problem": "There is no Spark: %s has no pyspark package, and neither SPARK_HOME nor PATH leads to "
        "spark-submit." % sys.executable,
        "remedy": "Add pyspark to the packages of the script's Python (pip install pyspark), or install Spark there "
        "and set SPARK_HOME; a script that needs no Spark runs with Framework: Python.",
    }


def problem_of_java(environment: "Mapping[str, str]") -> "dict[str, str]":
    """Return what to say when there is no Java."""
    if environment.get("JAVA_HOME"):
        text = "Spark needs Java, and JAVA_HOME is %r, where there is none." % environment["JAVA_HOME"][:200]
        return {"problem": text, "remedy": "Correct JAVA_HOME among the environment variables, or remove it."}
    return {
        "problem": "Spark needs Java, and none is there.",
        "remedy": "Install it where the script runs, on Debian and Ubuntu by apt-get install openjdk-17-jre-headless; "
        "or add openjdk to the conda packages of the project.",
    }


def spark_version(submit: str, home: str) -> str:
    """Return Spark's version by the name of its core library; empty when it is not known."""
    home = home or os.path.dirname(os.path.dirname(os.path.realpath(submit)))
    names = glob.glob(os.path.join(glob.escape(home), "jars", "spark-core_*.jar")) if submit else []
    match = CORE.search(names[0]) if names else None
    return match.group(1) if match else ""


def java_version(java: str) -> "Optional[str]":
    """Return what Java says of itself; None when it does not work."""
    try:
        said = subprocess.run(
            [java, "-version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=JAVA_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = JAVA_VERSION.search(said.stdout.decode("utf-8", "replace"))
    return match.group(1) if match else None


if __name__ == "__main__":
    print(json.dumps(find(sys.argv[1], os.environ, "versions" in sys.argv[2:])))
