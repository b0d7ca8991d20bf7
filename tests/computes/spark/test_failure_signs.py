"""Sentences of Spark in a log, and what they mean."""

import pytest

from computes.executors.spark.failure_signs import sign_in

FAILED = 'Exception in thread "main" java.lang.RuntimeException: '
NEWER = (
    "Error: LinkageError occurred while loading main class org.apache.spark.launcher.Main\n"
    "java.lang.UnsupportedClassVersionError: org/apache/spark/launcher/Main has been compiled by a more recent version"
    " of the Java Runtime (class file version 61.0), this version of the Java Runtime only recognizes class file"
    " versions up to 55.0\n"
)


def test_each_missing_package_is_named_once() -> None:
    log = (
        f"{FAILED}[unresolved dependency: org.a#b_2.13;1.0: not found, unresolved dependency: c#d;2: not found]\n\tat x"
    )
    sign = sign_in(log)
    assert sign is not None
    assert sign.text == "Spark could not get c:d:2, org.a:b_2.13:1.0."


def test_a_package_whose_file_does_not_come_is_named_too() -> None:
    sign = sign_in(f"{FAILED}[download failed: org.a#b;1.0!b.jar]\n")
    assert sign is not None
    assert sign.text == "Spark could not get org.a:b:1.0."


def test_silent_repositories_are_named_without_the_file_that_was_asked_for() -> None:
    log = (
        "\tHost repo.example not found. url=https://repo.example/maven2/org/a/b/1.0/b-1.0.pom\n\n"
        "\tHost repo.example not found. url=https://repo.example/maven2/org/a/b/1.0/b-1.0.jar\n\n"
        f"{FAILED}[unresolved dependency: org.a#b;1.0: not found]\n"
    )
    sign = sign_in(log)
    assert sign is not None
    assert sign.text.endswith("These repositories did not answer: https://repo.example/maven2 (host not found).")


def test_a_java_that_is_too_old_is_named_with_the_one_that_is_needed() -> None:
    sign = sign_in(NEWER)
    assert sign is not None
    assert sign.text == "This Spark needs Java 17 or newer; it was started with Java 11."


def test_memory_of_java_is_told_from_what_kept_spark_from_starting() -> None:
    sign = sign_in("26/01/01 ERROR Executor: Exception\njava.lang.OutOfMemoryError: Java heap space\n")
    assert sign is not None
    assert sign.is_memory
    assert "spark.driver.memory" in sign.remedy


@pytest.mark.parametrize(
    "words",
    [
        "(10.0.0.4 executor 1): java.lang.OutOfMemoryError: Java heap space",
        "ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: Command exited with code "
        "52",
        "ExecutorLostFailure (executor 12 exited caused by one of the running tasks) Reason: Container killed by YARN "
        "for exceeding physical memory limits. 5.5 GB of 5.5 GB physical memory used.",
    ],
)
def test_memory_of_an_executor_is_told_from_that_of_the_driver(words: str) -> None:
    lost = f"Lost task 0.3 in stage 1.0 (TID 7) {words}\n"
    sign = sign_in(f"SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times: {lost}")
    assert sign is not None
    assert sign.is_memory
    assert "spark.executor.memory" in sign.remedy
    got_over = sign_in(f"26/01/01 WARN TaskSetManager: {lost}")
    assert got_over is None or "spark.executor.memory" not in got_over.remedy


def test_an_ordinary_failure_is_no_sign() -> None:
    assert sign_in("Traceback (most recent call last):\nValueError: unresolved dependency: a#b;1: not found\n") is None


def test_a_setting_that_spark_does_not_take_is_no_failure_of_the_script() -> None:
    log = (
        'Exception in thread "main" org.apache.spark.SparkException: Executor memory must be a positive number\n'
        "\tat org.apache.spark.deploy.SparkSubmitArguments.error(SparkSubmitArguments.scala:670)\n"
    )
    sign = sign_in(log)
    assert sign is not None
    assert sign.text == "Spark does not take what it is told: Executor memory must be a positive number"


def test_an_option_that_java_does_not_take_is_named() -> None:
    log = (
        "Invalid maximum heap size: -Xmx0\nError: Could not create the Java Virtual Machine.\n"
        "Error: A fatal exception has occurred. Program will exit.\n"
    )
    sign = sign_in(log)
    assert sign is not None
    assert sign.text == "Spark's Java could not be started: Invalid maximum heap size: -Xmx0"
    assert "spark.driver.memory" in sign.remedy
