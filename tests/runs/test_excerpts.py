"""The page of a failed run shows why it failed."""

from pathlib import Path

from runs.lifecycle.excerpt import failure_excerpt
from runs.log_file import LogFile

CHAINED = """epoch 1
Traceback (most recent call last):
  File "a.py", line 1, in <module>
    first()
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
    second()
    ^^^^^^^^
pkg.errors.TrainingError: no data
  hint: look at the path
printed afterwards
"""

FROM_JAVA = """Traceback (most recent call last):
  File "a.py", line 9, in <module>
    rows.map(read).collect()
    ~~~~~~~~~~~~~~~~~~~~~~^^
py4j.protocol.Py4JJavaError: An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.
: org.apache.spark.SparkException: Job aborted due to stage failure: {cause}

Driver stacktrace:
\tat org.apache.spark.scheduler.DAGScheduler.$anonfun$abortStage$2(DAGScheduler.scala:2935)
"""
IN_A_WORKER = """Lost task 0.0 in stage 1.0 (TID 4): org.apache.spark.api.python.PythonException: \
Traceback (most recent call last):
  File "worker.py", line 1247, in main
    process()
  File "a.py", line 5, in read
    raise ValueError("bad row")
ValueError: bad row

\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:581)"""


def excerpt_of(tmp_path: Path, text: str) -> tuple[str, str]:
    path = tmp_path / "log"
    path.write_text(text)
    found = failure_excerpt(LogFile(path))
    return found.text, found.error


def test_the_last_traceback_is_picked_out(tmp_path: Path) -> None:
    text, error = excerpt_of(tmp_path, CHAINED)
    assert error == "pkg.errors.TrainingError: no data"
    assert text.startswith("Traceback")
    assert "KeyError" not in text
    assert "printed afterwards" not in text


def test_colours_and_progress_bars_do_not_hide_it(tmp_path: Path) -> None:
    coloured = '\x1b[31mTraceback (most recent call last):\x1b[0m\n  File "b.py", line 2\n\x1b[1mValueError: 3\x1b[0m\n'
    assert excerpt_of(tmp_path, "10%\r20%\r" + coloured)[1] == "ValueError: 3"


def test_without_a_traceback_the_last_lines_are_shown(tmp_path: Path) -> None:
    text, error = excerpt_of(tmp_path, "\n".join(f"line {n}" for n in range(40)))
    assert error == ""
    assert text.splitlines()[-1] == "line 39"
    assert len(text.splitlines()) == 15


def test_an_empty_log_gives_an_empty_excerpt(tmp_path: Path) -> None:
    assert excerpt_of(tmp_path, "") == ("", "")


def test_what_a_worker_of_spark_raised_is_the_error(tmp_path: Path) -> None:
    text, error = excerpt_of(tmp_path, FROM_JAVA.format(cause=IN_A_WORKER))
    assert error == "ValueError: bad row"
    assert 'File "a.py", line 9' in text
    assert 'raise ValueError("bad row")' in text
    assert "Driver stacktrace" not in text


def test_what_java_says_is_the_error_where_no_worker_raised_one(tmp_path: Path) -> None:
    text, error = excerpt_of(tmp_path, FROM_JAVA.format(cause="Python worker exited unexpectedly (crashed)"))
    assert error.endswith("Job aborted due to stage failure: Python worker exited unexpectedly (crashed)")
    assert text.splitlines()[-1] == f": {error}"
