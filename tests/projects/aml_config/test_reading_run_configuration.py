"""Run configurations, in YAML and in the older JSON."""

import json

import pytest

from projects.aml_config.effect import keys_without_effect
from projects.aml_config.reading import read_run_configuration
from projects.aml_config.run_configuration_file import RunConfigurationFile

FULL = """\
ArgumentVector: ["$file"]
Target: gpu-vm
Framework: Python
CondaDependenciesFile: aml_config/conda_dependencies.yml
SparkDependenciesFile: aml_config/spark_dependencies.yml
EnvironmentVariables:
  LOG_LEVEL: info
PrepareEnvironment: true
TrackedRun: true
UseSampling: false
DataSourceSettings:
  small.dsource:
    Sampling:
      Sample: first thousand
DataSourceSubstitutions:
  small.dsource: full.dsource
"""


def read(text: str) -> RunConfigurationFile:
    configuration, problems = read_run_configuration("x", text)
    assert problems == []
    assert configuration is not None
    return configuration


def error_of(text: str) -> str:
    configuration, problems = read_run_configuration("x", text)
    assert configuration is None
    return " ".join(f"{problem.text} {problem.remedy}" for problem in problems if problem.severity == "error")


def test_every_key_is_read() -> None:
    configuration = read(FULL)
    assert (configuration.script, configuration.arguments, configuration.target) == (None, (), "gpu-vm")
    assert configuration.framework == "Python"
    assert configuration.environment_variables == {"LOG_LEVEL": "info"}
    assert not configuration.use_sampling
    assert configuration.data_source_settings == {"small.dsource": "first thousand"}
    assert configuration.data_source_substitutions == {"small.dsource": "full.dsource"}
    assert configuration.notes == ()


def test_keys_about_data_sources_are_named_as_without_effect() -> None:
    assert keys_without_effect(read(FULL)) == ("UseSampling", "DataSourceSettings", "DataSourceSubstitutions")
    assert keys_without_effect(read("Target: a\nDataSourceSettings: {}\n")) == ()


def test_what_is_absent_has_the_documented_default() -> None:
    configuration = read("Target: local\n")
    assert configuration.framework == "PySpark"
    assert configuration.prepare_environment
    assert configuration.tracked_run
    assert configuration.use_sampling
    assert configuration.conda_dependencies_file == "aml_config/conda_dependencies.yml"
    assert configuration.spark_dependencies_file == "aml_config/spark_dependencies.yml"
    assert [note.split()[0] for note in configuration.notes] == ["Framework", "PrepareEnvironment"]


def test_a_dependency_file_can_be_none_and_may_have_backslashes() -> None:
    configuration = read("Target: a\nCondaDependenciesFile: null\nSparkDependenciesFile: aml_config\\other.yml\n")
    assert configuration.conda_dependencies_file is None
    assert configuration.spark_dependencies_file == "aml_config/other.yml"


def test_the_older_json_says_the_same() -> None:
    written = {
        "ArgumentVector": ["train.py", "--rate", "0.10", "😀", "a/b\\c\t"],
        "Target": "docker",
        "EnvironmentVariables": None,
        "Framework": "PySpark",
        "TrackedRun": False,
        "MaxRunDurationSeconds": 3600,
    }
    for text in (
        json.dumps(written, indent="\t"),
        json.dumps(written),
        json.dumps(written, indent=2, ensure_ascii=False),
    ):
        configuration = read(text)
        assert configuration.script == "train.py"
        assert configuration.arguments == ("--rate", "0.10", "😀", "a/b\\c\t")
        assert not configuration.tracked_run
        assert configuration.time_limit_seconds == 3600


def test_numbers_and_booleans_in_lists_and_maps_are_the_texts_that_were_written() -> None:
    configuration = read(
        "Target: a\nArgumentVector: [src/train.py, 0.10, no, 1e3, '']\n"
        "EnvironmentVariables: {A: 08, B: True, C: , D: '~'}\n"
    )
    assert configuration.script == "src/train.py"
    assert configuration.arguments == ("0.10", "no", "1e3", "")
    assert configuration.environment_variables == {"A": "08", "B": "True", "C": "", "D": "~"}


def test_null_as_the_value_of_a_variable_is_warned_about() -> None:
    configuration, problems = read_run_configuration("x", "Target: a\nEnvironmentVariables: {A: null}\n")
    assert configuration is not None
    assert configuration.environment_variables == {"A": ""}
    assert [problem.severity for problem in problems] == ["warning"]


def test_names_of_the_successor_are_pointed_out() -> None:
    _, problems = read_run_configuration("x", "Target: a\nscript: train.py\nframework: Python\n")
    assert ["ArgumentVector" in problems[0].remedy, "`Framework`" in problems[1].remedy] == [True, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Framework: Python\n", "`Target` is missing"),
        ("Target: [a]\n", "single value"),
        ("Target: a\nFramework: R\n", "one of: Python, PySpark"),
        ("Target: a\nArgumentVector: train.py\n", "must be a list"),
        ("Target: a\nArgumentVector: [{a: b}]\n", "single value"),
        ("Target: a\nArgumentVector: [../x.py]\n", "inside the project"),
        ("Target: a\nArgumentVector: ['']\n", "inside the project"),
        ("Target: a\nArgumentVector: ['C:\\x.py']\n", "inside the project"),
        ("Target: a\nCondaDependenciesFile: /etc/passwd\n", "inside the project"),
        ("Target: a\nEnvironmentVariables: [A=b]\n", "must be a map"),
        ("Target: a\nEnvironmentVariables: {'A=b': c}\n", "environment variable"),
        ("Target: a\nEnvironmentVariables: {'A B': c}\n", "environment variable"),
        ("Target: a\nTimeLimitSeconds: 0\n", "above 0"),
        ("Target: a\nTimeLimitSeconds: -1\n", "above 0"),
        (f"Target: a\nTimeLimitSeconds: {'9' * 900}\n", "above 0"),
        ("Target: a\nTimeLimitSeconds: 1\nMaxRunDurationSeconds: 2\n", "mean the same"),
        ("Target: a\nPrepareEnvironment: maybe\n", "true or false"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    assert words in error_of(text)


def test_the_placeholder_elsewhere_than_in_front_is_warned_about() -> None:
    configuration, problems = read_run_configuration("x", "Target: a\nArgumentVector: [a.py, $file]\n")
    assert configuration is not None
    assert configuration.arguments == ("$file",)
    assert [problem.severity for problem in problems] == ["warning"]
