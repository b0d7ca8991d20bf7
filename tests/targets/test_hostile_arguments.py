"""Hostile arguments and variables arrive at a script as they were typed, on each kind of target, or are refused on
their field."""

import json

import pytest

from tests.stack.base_image import PYTHON_IMAGE
from tests.targets.conftest import Hosts

pytestmark = pytest.mark.stack

LITERAL = [
    " ", "a b", "'", '"', "$(id)", "`id`", ";id", "&&id", "|id", "\n", "\r\n", "\\", "*", "~root", "-rf", "--", "",
    "!!", "é", "\u202e", "\t", "${IFS}", ">x", "#x", "x=1", "{a,b}", "x" * 100_000,
]  # fmt: skip
VARIABLES = {"A-B": "c", "LD_PRELOAD": "/nowhere.so", "PYTHONSTARTUP": "/nowhere.py", "PATH": "/nowhere:/usr/bin:/bin"}
REFUSED = [
    ("arguments", {"arguments": ["x" * 200_000]}, "longer than 128 KiB"),
    ("environment_variables", {"environment_variables": {"A=B": "c"}}, "cannot be the name"),
    ("environment_variables", {"environment_variables": {"": "c"}}, "cannot be the name"),
    ("environment_variables", {"environment_variables": {"A\nB": "c"}}, "cannot be the name"),
    ("environment_variables", {"environment_variables": {"A": "x" * 200_000}}, "longer than 128 KiB"),
    ("environment_variables", {"environment_variables": {"AMLWEB_OUTPUTS": "/"}}, "set by amlweb itself"),
    ("arguments", {"arguments": ["a\0b"]}, "A NUL"),
    ("environment_variables", {"environment_variables": {"A": "b\0"}}, "A NUL"),
]


def test_hostile_arguments_and_variables_arrive_literally(hosts: Hosts) -> None:
    names = ["local", *hosts.one_of_each_kind("echo", PYTHON_IMAGE)]
    variables = {f"V-{number:02}": value for number, value in enumerate(LITERAL)} | VARIABLES
    runs = [hosts.system.submit("echo.py", *LITERAL, target=name, environment_variables=variables) for name in names]
    for name, number in zip(names, runs, strict=True):
        run = hosts.system.wait_for_end(number, 60)
        assert run["state"] == "completed", run
        said = hosts.system.log(number).decode().splitlines()
        assert json.loads(said[-1]) == [LITERAL, LITERAL, list(VARIABLES.values())], name
        assert all("LD_PRELOAD" in line for line in said[:-1])  # the loader's own word about it


@pytest.mark.parametrize(("field", "typed", "words"), REFUSED)
def test_what_no_program_can_be_given_is_refused_on_its_field(
    hosts: Hosts, field: str, typed: dict[str, object], words: str
) -> None:
    body = {"script": "echo.py", "target": "local", **typed}
    answer = hosts.system.call("POST", "/projects/hello/runs", json=body)
    assert answer.status_code == 422, answer.text
    assert words in str(answer.json()["fields"][field])
