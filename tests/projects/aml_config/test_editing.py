"""Editing changes what was asked for and no other character; whatever is written reads back the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from projects.aml_config.editing import apply_line_change, edit_text
from projects.aml_config.nodes import plain_value_of
from projects.aml_config.problems import AmlConfigError, LineChange
from projects.aml_config.reading import read_compute
from projects.aml_config.rendering import as_read
from projects.aml_config.strict_yaml import read_document

COMPUTE = """\
# our big machine
type:   remotedocker   # the older word is docker
address: 'gpu1.lab.example'

# who runs it
username: trainer
notes:
    - "bought 2017"   # by us
    -   second card broken
# about the image
baseDockerImage: example.org/base:2  # pinned
nvidiaDocker: true
# the end
"""

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
SCALARS = TEXTS | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = (
    SCALARS | st.lists(SCALARS, max_size=5) | st.dictionaries(NAMES, SCALARS | st.lists(TEXTS, max_size=3), max_size=4)
)
ENTRIES = [
    "KEY: word   # behind\n",
    "KEY:\n",
    "KEY:   # behind\n",
    "KEY:  # behind\n    a: b\n    c:\n      - d  # inside\n",
    "KEY:\n- a\n- b   # inside\n",
    "KEY: |\n  text\n\n   more\n\n",
    "KEY: >-\n    folded\n    text\n",
    "KEY: 'quoted\n\n  text'  # behind\n",
    '"KEY": plain\n  text\n',
    "KEY: [a,\n  b]  # behind\n",
    "KEY: {a: b,\n  c: [d]}\n",
    "KEY : &anchor !!str word\n",
]
CHANGES = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)


def said_by(text: str) -> object:
    root = read_document("x", text)
    assert root is not None
    return plain_value_of(root)


def test_no_change_gives_the_same_text() -> None:
    assert edit_text(COMPUTE, {}) == COMPUTE


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_one_changed_value_changes_one_place(newline: str) -> None:
    text = COMPUTE.replace("\n", newline)
    edited = edit_text(text, {"baseDockerImage": "python:3.11-slim", "nvidiaDocker": False, "type": "docker"})
    assert edited == (
        text.replace("example.org/base:2", '"python:3.11-slim"')
        .replace("nvidiaDocker: true", "nvidiaDocker: false")
        .replace("type:   remotedocker", "type: docker")
    )


def test_a_removed_key_takes_its_own_lines_only() -> None:
    edited = edit_text(COMPUTE, {"notes": None, "address": None})
    assert edited == COMPUTE.replace("address: 'gpu1.lab.example'\n", "").replace(
        'notes:\n    - "bought 2017"   # by us\n    -   second card broken\n', ""
    )


def test_a_new_key_comes_last_and_keeps_the_comment_at_the_end() -> None:
    edited = edit_text(COMPUTE, {"sharedVolumes": True})
    assert edited == COMPUTE.replace("nvidiaDocker: true\n", "nvidiaDocker: true\nsharedVolumes: true\n")


def test_removing_what_is_not_there_changes_nothing() -> None:
    assert edit_text(COMPUTE, {"privateKey": None}) == COMPUTE


def test_a_map_goes_below_its_key_and_the_comments_of_the_line_stay() -> None:
    text = "EnvironmentVariables:   # for the script\n  A: b   # first\n# end\n"
    assert edit_text(text, {"EnvironmentVariables": {"C": "no", "D": "x"}}) == (
        'EnvironmentVariables:  # for the script\n  C: "no"\n  D: x  # first\n# end\n'
    )
    assert edit_text("EnvironmentVariables:   # none\n", {"EnvironmentVariables": {"C": "d"}}) == (
        "EnvironmentVariables:  # none\n  C: d\n"
    )
    assert edit_text("Target:   # where\n", {"Target": "local"}) == "Target: local   # where\n"
    assert edit_text("Target: # where\n  local\n", {"Target": "gpu"}) == "Target: gpu  # where\n"


def test_a_text_of_several_lines_can_be_replaced_and_followed() -> None:
    text = "description: |\n  one\n\n  two\n\n# below\nTarget: a\n"
    assert edit_text(text, {"description": "short"}) == "description: short\n\n# below\nTarget: a\n"
    assert edit_text("a: b\nc: |\n  one\n", {"d": "e"}) == "a: b\nc: |\n  one\nd: e\n"


def test_a_document_between_its_marks_is_edited_inside_them() -> None:
    assert edit_text("---\nTarget: a\n...\n", {"Framework": "Python"}) == "---\nTarget: a\nFramework: Python\n...\n"


def test_a_file_with_comments_only_gets_its_first_key() -> None:
    assert edit_text("# nothing yet", {"type": "local"}) == "# nothing yet\ntype: local\n"


def test_a_byte_order_mark_stays() -> None:
    assert edit_text("\ufefftype: local\n", {"type": "docker"}) == "\ufefftype: docker\n"


def test_json_stays_json_with_its_layout_and_its_numbers() -> None:
    text = '{\r\n\t"ArgumentVector": ["$file", "\\ud83d\\ude00"],\r\n\t"Target": "docker",\r\n\t"Rate": 1e400\r\n}\r\n'
    edited = edit_text(text, {"Target": "local", "EnvironmentVariables": {"A": "é\u2028"}, "Missing": None})
    assert edited == (
        '{\r\n\t"ArgumentVector": ["$file", "😀"],\r\n\t"Target": "local",\r\n\t"Rate": 1e400,\r\n'
        '\t"EnvironmentVariables": {"A": "é\\u2028"}\r\n}\r\n'
    )
    assert list(json.loads(edited)) == ["ArgumentVector", "Target", "Rate", "EnvironmentVariables"]
    assert edit_text('{"a": 1, "b": 2, "c": 3}', {"b": None}) == '{"a": 1, "c": 3}'
    assert edit_text('{"a": 1, "b": 2}', {"b": None}) == '{"a": 1}'
    assert edit_text('{"a": 1}', {"a": None}) == "{}"
    assert edit_text("{}", {"a": 1}) == '{"a": 1}'


def test_a_value_that_others_refer_to_is_not_taken_away() -> None:
    with pytest.raises(AmlConfigError):
        edit_text("a: &x [b]\nc: *x\n", {"a": None})
    assert edit_text("a: &x [b]\nc: *x\n", {"c": "d"}) == "a: &x [b]\nc: d\n"


@pytest.mark.parametrize("text", ["? a\n: b\n", "[a]", "word", "a: b\na: c\n", "a: [\n"])
def test_what_cannot_be_edited_safely_is_refused(text: str) -> None:
    with pytest.raises(AmlConfigError):
        edit_text(text, {"a": "c"})


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, float("nan"), float("inf"), object()])
def test_a_value_that_no_file_can_hold_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError):
        edit_text(COMPUTE, {"x": value})


@pytest.mark.parametrize("value", ["\0", "\ud800"])
def test_a_text_that_no_program_can_be_given_is_refused(value: str) -> None:
    with pytest.raises(AmlConfigError):
        edit_text(COMPUTE, {"x": value})


def test_a_change_of_a_line_that_is_no_longer_there_is_refused() -> None:
    with pytest.raises(AmlConfigError):
        apply_line_change("a\n", LineChange(1, "python=3.5.2", "python=3.11"))
    with pytest.raises(AmlConfigError):
        apply_line_change("a\n", LineChange(9, "a", "b"))


@given(CHANGES)
def test_what_is_written_into_yaml_reads_back_the_same_and_leaves_the_rest(changes: dict[str, object]) -> None:
    edited = edit_text(COMPUTE, changes)
    kept = [line for line in COMPUTE.splitlines() if line.startswith("#")]
    assert [line for line in edited.split("\n") if line in kept] == kept
    before, after = said_by(COMPUTE), said_by(edited)
    assert isinstance(before, dict)
    assert after == {**before, **{key: as_read(value) for key, value in changes.items()}}


@given(
    st.lists(st.sampled_from([*ENTRIES, "# a comment\n", "\n"]), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(0, 8),
    st.none() | VALUES,
)
def test_a_change_in_any_layout_keeps_all_other_lines(
    parts: list[str], newline: str, index: int, value: object
) -> None:
    blocks = [part.replace("KEY", f"k{number}").replace("\n", newline) for number, part in enumerate(parts)]
    edited = edit_text("".join(blocks), {f"k{index}": value})
    others = [block for number, block in enumerate(blocks) if number != index or block.startswith(("#", newline))]
    position = 0
    for block in others:
        found = edited.find(block.rstrip(), position)
        assert found >= 0
        position = found + len(block.rstrip())


@given(CHANGES)
def test_what_is_added_and_removed_again_leaves_the_text_as_it_was(changes: dict[str, object]) -> None:
    added = {f"new {key}": value for key, value in changes.items()}
    assert edit_text(edit_text(COMPUTE, added), dict.fromkeys(added)) == COMPUTE


@given(CHANGES, CHANGES)
def test_json_is_still_json_for_another_reader(first: dict[str, object], changes: dict[str, object]) -> None:
    text = json.dumps(first, indent=2)
    edited = json.loads(edit_text(text, changes))
    assert edited == json.loads(json.dumps({**first, **changes}))
    assert list(edited) == list({**first, **changes})


@given(TEXTS)
def test_another_yaml_reader_takes_a_written_text_for_the_same_text(text: str) -> None:
    edited = edit_text("Target: a\n", {"EnvironmentVariables": {"A": text}, "ArgumentVector": ["$file", text]})
    other = YAML(typ="safe", pure=True).load(edited)
    assert other == {"Target": "a", "EnvironmentVariables": {"A": text}, "ArgumentVector": ["$file", text]}


@given(st.text(max_size=200), CHANGES)
def test_editing_any_text_works_or_is_refused_in_words(text: str, changes: dict[str, object]) -> None:
    try:
        edited = edit_text(text, changes)
    except AmlConfigError:
        return
    assert said_by(edited) == {**_said_or_nothing(text), **{key: as_read(value) for key, value in changes.items()}}


def _said_or_nothing(text: str) -> dict[str, object]:
    root = read_document("x", text)
    plain = plain_value_of(root) if root is not None else {}
    assert isinstance(plain, dict)
    return dict(plain)


def test_an_edited_compute_file_is_read_with_its_new_values() -> None:
    compute, problems = read_compute("gpu", edit_text(COMPUTE, {"notes": None, "nativeSharedDirectory": "~/share/"}))
    assert problems == []
    assert compute is not None
    assert compute.native_shared_directory == "~/share/"
