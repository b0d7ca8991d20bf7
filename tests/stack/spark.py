"""Spark for the tests: pyspark and numpy in a Python of their own, a Maven repository with one jar, an image with all.

pyspark is 450 MB. It is fetched once and kept in the project's .cache.
"""

import fcntl
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from functools import lru_cache
from pathlib import Path

from docker import APIClient

from tests.stack.base_image import add_link, image_tar, libraries_of, place_of

PYSPARK = "pyspark==4.3.0"
NUMPY = "numpy==2.2.6"  # pyspark.ml needs it; the last one for the oldest Python of the conda channel
ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".cache" / "spark" / f"{PYSPARK}-{NUMPY}-{sys.version_info[0]}.{sys.version_info[1]}".replace("==", "-")
SPARK_IMAGE = "amlweb-test/spark:1"
SPARK_HOME = "/opt/spark"
JAVA_HOME = "/opt/java"
SPARK_PROGRAMS = ("dirname", "basename", "readlink", "nproc", "hostname", "cut", "tr", "grep", "sed")
NO_INTERNET = "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=9"  # Spark asks repositories of its own as well
QUICK_JAVA = {"SPARK_SUBMIT_OPTS": f"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC {NO_INTERNET}"}
PACKAGE = "org.example:towel:1.0"
JAVA = 'package org.example; public class Towel { public static String words() { return "do not panic"; } }\n'
POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>org.example</groupId><artifactId>towel</artifactId><version>1.0</version></project>
"""


def java_path() -> str | None:
    """Return Java 17 or newer with its compiler, or None when the machine has none."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return java if found and int(found.group(1)) >= 17 else None


@lru_cache
def python_with_pyspark() -> str:
    """Return a Python that has pyspark and numpy, and nothing else; it is made once and kept."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    python = KEPT / "bin" / "python"
    with (KEPT.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (KEPT / ".complete").exists():
            shutil.rmtree(KEPT, ignore_errors=True)
            uv = str(Path(sys.executable).with_name("uv"))
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(KEPT)], check=True)
            subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), PYSPARK, NUMPY], check=True)
            (KEPT / ".complete").touch()
    return str(python)


def spark_home() -> Path:
    """Return the Spark in that Python."""
    return next(Path(python_with_pyspark()).parent.parent.glob("lib/python3.*/site-packages/pyspark"))


def make_maven_repository(folder: Path) -> str:
    """Make a Maven repository that has PACKAGE, and return its address."""
    place = folder / "org/example/towel/1.0"
    place.mkdir(parents=True)
    (place / "towel-1.0.pom").write_text(POM)
    with tempfile.TemporaryDirectory(prefix="amlweb-jar-") as made:
        source = Path(made) / "Towel.java"
        source.write_text(JAVA)
        subprocess.run(["javac", "--release", "17", "-d", made, str(source)], check=True)
        jar = str(place / "towel-1.0.jar")
        subprocess.run(["jar", "--create", "--file", jar, "-C", made, "org"], check=True)
    return folder.as_uri()


def write_image(into: Path) -> None:
    """Write the tar of an image with Python, this machine's Java, pyspark as a Spark of its own, and a few programs."""
    into.write_bytes(image_tar(with_python=True))
    java = Path(java_path() or "").resolve().parent.parent
    programs = [Path(path).resolve() for name in SPARK_PROGRAMS if (path := shutil.which(name))]
    libraries = libraries_of([*programs, *java.rglob("*.so"), java / "bin" / "java"])
    with tarfile.open(into, "a") as tar:
        for name in SPARK_PROGRAMS:
            if path := shutil.which(name):
                tar.add(Path(path).resolve(), f"usr/bin/{name}")
        there = set(tar.getnames())
        for library in libraries:
            if not library.resolve().is_relative_to(java) and place_of(library) not in there:
                tar.add(library.resolve(), place_of(library))
        for entry in sorted(java.rglob("*")):
            if entry.is_file() and not {"jmods", "src.zip", "man", "demo"} & set(entry.relative_to(java).parts):
                tar.add(entry.resolve(), f"{JAVA_HOME.lstrip('/')}/{entry.relative_to(java)}")
        add_link(tar, "usr/bin/java", f"{JAVA_HOME}/bin/java")
        tar.add(spark_home(), SPARK_HOME.lstrip("/"), filter=without_bytecode)


def without_bytecode(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what Python makes by itself, and what only examples need."""
    return None if {"__pycache__", "examples"} & set(entry.name.split("/")) else entry


def import_spark_image(socket: str) -> str:
    """Make an image of the one with Python, with Java and Spark beside it, and return its name."""
    client = APIClient(base_url=f"unix://{socket}", version="auto", timeout=300)
    repository, tag = SPARK_IMAGE.rsplit(":", 1)
    with tempfile.TemporaryDirectory(prefix="amlweb-image-") as folder:
        whole = Path(folder) / "image.tar"
        write_image(whole)
        try:
            changes = f"ENV PATH=/usr/local/bin:/usr/bin:/bin SPARK_HOME={SPARK_HOME}"
            client.import_image_from_file(str(whole), repository, tag, changes)
            assert client.inspect_image(SPARK_IMAGE)["Os"] == "linux"  # type: ignore[no-untyped-call]
        finally:
            client.close()
    return SPARK_IMAGE
