"""What Spark printed when a run failed before or beside the script, in words with a remedy."""

import re

from computes.executors.spark.cluster_signs import sign_of_cluster
from computes.executors.spark.sign import Sign as Sign

MOST_NAMED = 5
UNRESOLVED = re.compile(r"unresolved dependency: ([^#\s\[\],]+)#([^;\s]+);([^:\s]+): ([^\],]+)")
NOT_FETCHED = re.compile(r"download failed: ([^#\s\[\],]+)#([^;\s]+);([^!\s]+)!([^\],\s]+)")
HOST_NOT_FOUND = re.compile(r"^\s*Host (\S+) not found\. url=(\S+)", re.MULTILINE)
NO_ACCESS = re.compile(
    r"^\s*(?:Server access [Ee]rror at url|SERVER ERROR: .*? url=)\s*(\S+)(?: \((.*)\))?", re.MULTILINE
)
STATUS = re.compile(r"HTTP response status: (\d+) url=(\S+)")
FROM_MAVEN = 'Exception in thread "main" java.lang.RuntimeException: ['
OLD_JAVA = re.compile(
    r"UnsupportedClassVersionError: \S+ has been compiled by a more recent version of the Java Runtime "
    r"\(class file version (\d+)\.\d+\), this version of the Java Runtime only recognizes class file versions up to "
    r"(\d+)\."
)
HEAP = ("java.lang.OutOfMemoryError: Java heap space", "java.lang.OutOfMemoryError: GC overhead limit exceeded")
MEMORY_OF_EXECUTOR = re.compile(
    r"Job aborted due to stage failure[^\n]{1,500}\bexecutor \d+"
    r"(?:\): java\.lang\.OutOfMemoryError\b"
    r"| exited [^\n]{1,300}(?:exited with code 52\b|killed by YARN for exceeding (?:\w+ )?memory limits))"
)
NOT_TAKEN = re.compile(
    r"^Exception in thread \"main\" org\.apache\.spark\.SparkException: ([^\n]{1,300})\n"
    r"\s+at org\.apache\.spark\.deploy\.SparkSubmitArguments\.",
    re.MULTILINE,
)
NO_JAVA = re.compile(r"^([^\n]{1,300})\nError: Could not create the Java Virtual Machine\.$", re.MULTILINE)
CLASS_FILES = 44  # Java N writes class files of version N + 44


def sign_in(log: str) -> Sign | None:
    """Return what the end of a failed PySpark run's log says of Spark's own failures; None when it says nothing.

    The sentences are those of Spark 3 and 4, and of the Ivy that is in it.
    """
    if FROM_MAVEN in log:
        return unresolved(log)
    if found := OLD_JAVA.search(log):
        wanted, there = (int(number) - CLASS_FILES for number in found.groups())
        return Sign(
            f"This Spark needs Java {wanted} or newer; it was started with Java {there}.",
            f"Install Java {wanted}, and set JAVA_HOME among the variables of the target or the run.",
        )
    if MEMORY_OF_EXECUTOR.search(log):
        return Sign(
            "An executor ran out of memory.",
            "Give executors more memory (spark.executor.memory, or the field of the form), or make more and smaller "
            "partitions.",
            is_memory=True,
        )
    if any(mark in log for mark in HEAP):
        return Sign("Spark's Java process ran out of memory.", "Set spark.driver.memory higher.", is_memory=True)
    if found := NOT_TAKEN.search(log):
        return Sign(
            f"Spark does not take what it is told: {found.group(1)}",
            "Correct the Spark properties of the project or the target, then run again.",
        )
    if found := NO_JAVA.search(log):
        return Sign(
            f"Spark's Java could not be started: {found.group(1)}",
            "Correct spark.driver.memory or spark.driver.extraJavaOptions in project or target, then run again.",
        )
    return sign_of_cluster(log)


def unresolved(log: str) -> Sign:
    """Return which packages could not be had, and which repositories did not answer."""
    failure = log[log.rindex(FROM_MAVEN) :].split("\n", 1)[0]
    missing = {":".join(match[:3]) for match in UNRESOLVED.findall(failure)}
    missing |= {":".join(match[:3]) for match in NOT_FETCHED.findall(failure)}
    text = f"Spark could not get {named(missing)}." if missing else f"Spark could not get its packages: {failure[:300]}"
    if silent := silent_repositories(log, missing):
        text += f" These repositories did not answer: {named(silent)}."
    return Sign(
        text,
        "Correct group, artifact and version in the Spark dependencies, or add the repository that has the package "
        "there; the target, and its containers, must reach it.",
    )


def silent_repositories(log: str, missing: set[str]) -> set[str]:
    """Return the addresses that could not be asked, each with the reason."""
    found = {(url, "host not found") for _, url in HOST_NOT_FOUND.findall(log)}
    found |= {(url, reason or "no access") for url, reason in NO_ACCESS.findall(log)}
    found |= {(url, f"status {number}") for number, url in STATUS.findall(log) if number != "404"}
    return {f"{root_of(url, missing)} ({reason[:100]})" for url, reason in found}


def root_of(url: str, missing: set[str]) -> str:
    """Return the repository of a file's address, without a login that it may hold."""
    for coordinates in missing:
        group, artifact, _ = coordinates.split(":")
        url = url.split(f"/{group.replace('.', '/')}/{artifact}/", 1)[0]
    return re.sub(r"//[^/@]*@", "//", url)


def named(texts: set[str]) -> str:
    """Return some texts of a set in their order."""
    listed = sorted(texts)
    rest = len(listed) - MOST_NAMED
    return ", ".join(listed[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
