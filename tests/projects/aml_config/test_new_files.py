"""New files explain every key they can use, and say what was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.aml_config.compute_keys import COMPUTE_KEYS, KIND_OF_TYPE
from projects.aml_config.editing import new_compute_text, new_run_configuration_text
from projects.aml_config.reading import read_compute, read_run_configuration
from projects.aml_config.run_configuration_keys import RUN_CONFIGURATION_KEYS

SSH = {"address": "vm.example", "username": "trainer"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30).filter(str.strip)


@pytest.mark.parametrize("word", KIND_OF_TYPE)
def test_a_new_compute_file_of_every_type_reads_back_without_a_problem(word: str) -> None:
    needed = {"livy": {"address": "http://livy.example:8998"}, "cluster": SSH, "remote": SSH, "remotedocker": SSH}
    values = needed.get(word, {})
    compute, problems = read_compute("x", new_compute_text(word, values))
    assert problems == []
    assert compute is not None
    assert compute.type == word
    assert compute.given == {"type", *values}


@pytest.mark.parametrize("word", KIND_OF_TYPE)
def test_a_new_compute_file_explains_the_keys_of_its_kind_and_no_others(word: str) -> None:
    lines = new_compute_text(word).splitlines()
    for key in COMPUTE_KEYS.values():
        offered = KIND_OF_TYPE[word] in key.applies_to and key.type != "credential"
        assert any(line.removeprefix("# ").startswith(f"{key.name}:") for line in lines) is offered
        assert any(line.startswith(f"# {key.meaning}") for line in lines) is offered


def test_commented_defaults_can_be_switched_on_and_change_nothing() -> None:
    text = new_compute_text("remote", SSH)
    switched_on = text.replace("# userManagedEnvironment:", "userManagedEnvironment:")
    first, second = read_compute("x", text)[0], read_compute("x", switched_on)[0]
    assert first is not None
    assert second is not None
    assert first.user_managed_environment == second.user_managed_environment
    assert "userManagedEnvironment" in second.given


def test_a_new_run_configuration_explains_every_key() -> None:
    text = new_run_configuration_text("local")
    for key in RUN_CONFIGURATION_KEYS.values():
        assert f"# {key.meaning}" in text or key.name == "TimeLimitSeconds"
    configuration, problems = read_run_configuration("x", text)
    assert problems == []
    assert configuration is not None
    assert (configuration.target, configuration.framework, configuration.script) == ("local", "Python", None)


@given(LINES, st.lists(TEXTS, max_size=12), st.dictionaries(st.from_regex(r"[A-Z_]{1,8}", fullmatch=True), TEXTS))
def test_what_is_asked_for_is_what_is_read(target: str, arguments: list[str], variables: dict[str, str]) -> None:
    text = new_run_configuration_text(
        target, {"ArgumentVector": ["train.py", *arguments], "EnvironmentVariables": variables, "TimeLimitSeconds": 60}
    )
    configuration, _ = read_run_configuration("x", text)
    assert configuration is not None
    assert configuration.target == target
    assert configuration.script == "train.py"
    assert configuration.arguments == tuple(arguments)
    assert configuration.environment_variables == variables
    assert configuration.time_limit_seconds == 60


def test_a_type_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        new_compute_text("batchai")
