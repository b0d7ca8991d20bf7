"""The comparison: differences first, secrets hidden, the best marked, the base to choose."""

import re
from pathlib import Path

from django.contrib.auth.models import User
from django.test import Client

from projects.models import Project
from projects.snapshots import take_snapshot
from runs.compared_metrics import curves_of, is_lower_better
from runs.comparison import compare, named_arguments
from tests.runs.lists.conftest import MakeRun

ADDRESS = "/projects/hello/compare/"


def runs_in(page: str) -> list[str]:
    """Return the numbers of the compared runs, the base first."""
    return re.findall(r">Run (\d)</a>", page)


def test_only_differences_are_lines_and_the_rest_is_counted(make_run: MakeRun) -> None:
    first = make_run(arguments=("--rate", "0.1", "--deep"), variables={"A": "1", "B": "1"})
    second = make_run(arguments=("--rate=0.2", "--deep"), variables={"A": "1", "B": "2"})
    sections = {section.title: section for section in compare([first, second])}
    assert [(line.name, line.values) for line in sections["Arguments"].differing] == [("--rate", ("0.1", "0.2"))]
    assert [line.name for line in sections["Arguments"].identical] == ["--deep"]
    assert [line.name for line in sections["Environment variables"].differing] == ["B"]
    assert not sections["Configuration and code"].differing


def test_the_best_metric_is_marked_by_what_its_name_means(make_run: MakeRun) -> None:
    runs = [
        make_run(metrics={"accuracy": 0.8, "val_loss": 0.5}),
        make_run(metrics={"accuracy": 0.9, "val_loss": 0.7}),
        make_run(),
    ]
    lines = {line.name: line for line in compare(runs)[0].lines}
    assert lines["accuracy (last)"].best == {1}
    assert lines["val_loss (last)"].best == {0}
    assert lines["accuracy (last)"].values == ("0.8", "0.9", "–")


def test_names_say_which_way_is_better() -> None:
    assert is_lower_better("val_loss")
    assert is_lower_better("test/RMSE")
    assert is_lower_better("Val Accuracy") is False
    assert is_lower_better("lossless") is None
    assert is_lower_better("Regularization Rate") is None


def test_arguments_are_compared_by_the_name_of_their_option() -> None:
    assert named_arguments(["in.csv", "--a", "1", "--b=2", "--flag", "--offset", "-3", "-v"]) == {
        "argument 1": "in.csv",
        "--a": "1",
        "--b": "2",
        "--flag": "given",
        "--offset": "-3",
        "-v": "given",
    }


def test_the_page_shows_both_ways_of_naming_runs_and_another_base(
    client: Client, make_run: MakeRun, vera: User
) -> None:
    make_run(secret_names=("TOKEN",))
    make_run(description="<b>second</b>")
    client.force_login(vera)
    page = client.get(f"{ADDRESS}?runs=1,2").content.decode()
    assert "secret" in page
    assert "<b>second" not in page
    assert runs_in(page) == ["1", "2"]
    assert runs_in(client.get(f"{ADDRESS}?runs=1&runs=2").content.decode()) == ["1", "2"]
    assert runs_in(client.get(f"{ADDRESS}?runs=1,2&base=2").content.decode()) == ["2", "1"]


def test_files_that_differ_are_named(
    client: Client, make_run: MakeRun, project: Project, project_folder: Path, vera: User
) -> None:
    make_run()
    (project_folder / "hello.py").write_text("print('changed')\n")
    (project_folder / "more.py").write_text("")
    make_run(snapshot=take_snapshot(project, project_folder))
    client.force_login(vera)
    page = client.get(f"{ADDRESS}?runs=1,2").content.decode()
    assert "changed: hello.py" in page
    assert "/runs/2/code/?against=1" in page
    assert "added: more.py" in page


def test_curves_are_drawn_of_what_was_logged_more_than_once(client: Client, make_run: MakeRun, vera: User) -> None:
    runs = [make_run(metrics={"accuracy": 0.8, "once": 1.0}), make_run(metrics={"accuracy": 0.9}), make_run()]
    assert curves_of(runs) == {}
    runs[1].latest_metrics.update(points=2)
    assert curves_of(runs) == {"accuracy": [1, 2]}
    client.force_login(vera)
    page = client.get(f"{ADDRESS}?runs=1,2,3").content.decode()
    assert 'data-curve="accuracy" data-has="1 2"' in page
    assert 'data-series="/projects/hello/runs/3/metrics/series/"' in page


def test_odd_addresses_are_answered_in_words(client: Client, make_run: MakeRun, vera: User) -> None:
    make_run()
    client.force_login(vera)
    for query in ("", "?runs=", "?runs=1", "?runs=x,%00,-1,999999999999", "?runs=1,77"):
        response = client.get(ADDRESS + query)
        assert response.status_code == 200
        assert "Choose two or more runs" in response.content.decode()


def test_strangers_find_no_comparison(client: Client, make_run: MakeRun, charlie: User) -> None:
    make_run()
    client.force_login(charlie)
    assert client.get(f"{ADDRESS}?runs=1").status_code == 404
    assert client.post(ADDRESS).status_code == 405
