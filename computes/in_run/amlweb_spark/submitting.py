"""Becomes spark-submit: what Spark is to do stands in a file that only the run's account can read."""

import json
import os
import sys

from .finding import find
from .kept_packages import take_for_this_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Union

NOT_FOUND = 127
SPECIAL = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}
DEFAULTS = "spark-defaults.conf"
PACKAGES = "spark.jars.packages"


def main() -> int:
    """Find Spark, write the properties file and become spark-submit. Returns an exit code where that fails."""
    folder = os.environ["AMLWEB_RUN_FOLDER"]
    with open(os.path.join(folder, "spec.json"), encoding="ascii") as file:
        part = json.load(file)["spark"]
    ready = made_ready(folder, part)
    return ready if isinstance(ready, int) else become(*ready)


def made_ready(folder: str, part: "Mapping[str, Any]") -> "Union[int, tuple[list[str], dict[str, str]]]":
    """Find Spark, write the properties file and return spark-submit with its environment; an exit code where there is
    no Spark.

    `part` may name another driver program with arguments of its own, and the Python of drivers that are not here.
    """
    found = find(part["location"], os.environ)
    if "problem" in found:
        sys.stderr.write("%s %s\n" % (found["problem"], found["remedy"]))
        return NOT_FOUND
    environment = environment_with(part, found)
    properties = os.path.join(folder, "spark.conf")
    write_properties(properties, defaults_of_host(environment, found), part)
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "driver.py")
    driver = part.get("driver") or [own]
    return [found["submit"], "--properties-file", properties, *driver], environment


def become(argv: "list[str]", environment: "dict[str, str]") -> int:
    """Become another program. Returns an exit code, after a word in the log, where the system does not allow it."""
    try:
        os.execve(argv[0], argv, environment)  # noqa: S606 - an argv list is the point
    except OSError as error:
        sys.stderr.write("%s could not be started: %s\n" % (argv[0], os.strerror(error.errno or 0)))
    return NOT_FOUND


def environment_with(part: "Mapping[str, Any]", found: "Mapping[str, str]") -> "dict[str, str]":
    """Return the program's variables: homes of Spark and Java, the Pythons, folders for what is gone with the run."""
    environment = dict(os.environ)
    if found["spark_home"]:
        environment["SPARK_HOME"] = found["spark_home"]
    if found["java_home"]:
        environment["JAVA_HOME"] = found["java_home"]
    environment["PYSPARK_DRIVER_PYTHON"] = part.get("driver_python") or sys.executable
    environment["PYSPARK_PYTHON"] = part["workers_python"] or sys.executable
    for name, value in part["environment"].items():
        environment.setdefault(name, value)
    for path in (environment["SPARK_LOCAL_DIRS"], part["temporary"]):
        if "," not in path:
            os.makedirs(path, 0o700, exist_ok=True)
    temporary = '-Djava.io.tmpdir="%s"' % part["temporary"].replace("\\", "\\\\").replace('"', '\\"')
    environment["SPARK_SUBMIT_OPTS"] = (temporary + " " + environment.get("SPARK_SUBMIT_OPTS", "")).strip()
    return environment


def defaults_of_host(environment: "Mapping[str, str]", found: "Mapping[str, str]") -> bytes:
    """Return the host's own spark-defaults.conf: spark-submit leaves it out where a properties file is named."""
    home = environment.get("SPARK_HOME") or os.path.dirname(os.path.dirname(os.path.realpath(found["submit"])))
    folder = environment.get("SPARK_CONF_DIR") or os.path.join(home, "conf")
    try:
        with open(os.path.join(folder, DEFAULTS), "rb") as file:
            return file.read()
    except OSError:
        return b""


def write_properties(path: str, of_host: bytes, part: "Mapping[str, Any]") -> None:
    """Write what Spark is told, what counts most at the end: our defaults, the host's, the project's and our own word.

    Where packages are asked for, they are kept in the project's folder if this run can have that for itself.
    """
    own = os.path.join(part["temporary"], "ivy")
    wants_packages = PACKAGES in part["properties"] or PACKAGES.encode("ascii") in of_host
    pythons = {
        "spark.pyspark.python": part["workers_python"] or sys.executable,  # a host's spark-env.sh may say otherwise
        "spark.pyspark.driver.python": part.get("driver_python") or sys.executable,
    }
    kept = {"spark.jars.ivy": part["ivy"] if wants_packages and take_for_this_run(part["ivy"]) else own}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(lines_of(dict(kept, **part["defaults"])))
        file.write(of_host + b"\n\n")
        file.write(lines_of(dict(part["properties"], **pythons)))


def lines_of(properties: "Mapping[str, str]") -> bytes:
    """Return properties as Java reads them, every character that means something there escaped."""
    return "".join("%s=%s\n" % (escaped(name, True), escaped(properties[name])) for name in properties).encode("ascii")


def escaped(text: str, is_name: bool = False) -> str:
    """Return a text for a properties file; what is not ASCII as the numbers of its UTF-16 units."""
    parts = []
    for place, character in enumerate(text):
        if character in SPECIAL:
            parts.append(SPECIAL[character])
        elif character in "=:#! " and (is_name or place == 0):
            parts.append("\\" + character)
        elif " " <= character <= "~":
            parts.append(character)
        else:
            data = character.encode("utf-16-be", "surrogatepass")
            parts += ["\\u%02x%02x" % (data[at], data[at + 1]) for at in range(0, len(data), 2)]
    return "".join(parts)
