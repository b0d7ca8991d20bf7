"""The conda and the Spark dependency file."""

import pytest

from projects.aml_config.dependency_files import MavenPackage
from projects.aml_config.editing import apply_line_change
from projects.aml_config.reading import read_conda_dependencies, read_spark_dependencies

CONDA = """\
name: project_environment
channels: [conda-forge]
dependencies:
  - python=3.5.2
  - scikit-learn
  - pip:
      - --extra-index-url https://wheels.lab.example/simple
      - mylib==1.4
"""
SPARK = """\
configuration:
  spark.app.name: my-experiment
  spark.yarn.maxAppAttempts: 1
  spark.executor.memory: 4g
repositories:
  - https://repo.lab.example/maven
packages:
  - {group: org.example, artifact: connector_2.12, version: 1.2.0}
"""


def test_a_conda_file_is_read() -> None:
    conda, _ = read_conda_dependencies("aml_config/conda_dependencies.yml", CONDA)
    assert conda is not None
    assert conda.name == "project_environment"
    assert conda.channels == ("conda-forge",)
    assert conda.dependencies == ("python=3.5.2", "scikit-learn")
    assert conda.pip == ("--extra-index-url https://wheels.lab.example/simple", "mylib==1.4")
    assert conda.python == "3.5.2"


def test_an_old_python_is_warned_about_with_a_change_that_mends_it() -> None:
    _, problems = read_conda_dependencies("c.yml", CONDA)
    assert [(problem.severity, problem.line) for problem in problems] == [("warning", 4)]
    assert problems[0].change is not None
    mended = apply_line_change(CONDA, problems[0].change)
    assert mended == CONDA.replace("python=3.5.2", "python=3.11")
    assert read_conda_dependencies("c.yml", mended)[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "channels: ['https://ann:s3cr3tword@conda.lab.example/c']\n",
        "channels:\n  - https://conda.lab.example/t/s3cr3tword-0a1b/c\n",
        "dependencies: ['https://ann:s3cr3tword@conda.lab.example/c::numpy']\n",
        "dependencies: ['https://ann:s3cr3tword@conda.lab.example/c::python=3.5']\n",
        "dependencies:\n  - pip: ['--extra-index-url https://ann:s3cr3tword@wheels.lab.example/simple']\n",
        "dependencies:\n  - pip: ['--index-url=https://s3cr3tword_s3cr3tword@wheels.lab.example/simple']\n",
        "dependencies:\n  - pip: ['lib @ git+https://ann:s3cr3tword@git.lab.example/lib.git@v1']\n",
    ],
)
def test_a_password_in_an_address_is_warned_about_and_never_repeated(text: str) -> None:
    conda, problems = read_conda_dependencies("c.yml", text)
    assert conda is not None
    assert [problem.severity for problem in problems if "holds a password" in problem.text] == ["warning"]
    assert "keep it out of the project" in problems[0].remedy
    assert problems[0].line is not None
    assert "s3cr3tword" not in repr(problems)


@pytest.mark.parametrize(
    "address",
    [
        "https://wheels.lab.example:8080/simple@1",
        "https://ann:${INDEX_PASSWORD}@wheels.lab.example/simple",
        "git+ssh://git@git.lab.example/lib.git@v1",
        "https://team@git.lab.example/lib.git",
    ],
)
def test_an_address_without_a_password_is_no_problem(address: str) -> None:
    text = f"channels: ['{address}']\ndependencies:\n  - pip: ['--extra-index-url {address}']\n"
    assert read_conda_dependencies("c.yml", text)[1] == []


@pytest.mark.parametrize(
    ("spec", "python"),
    [
        ("python=3.10", "3.10"),
        ("python==3.10.4", "3.10.4"),
        ("python=3.10.4=h1234_0", "3.10.4"),
        ("python 3.10", "3.10"),
        ("python>=3.9", ">=3.9"),
        ("python", None),
        ("conda-forge::python=3.12", "3.12"),
        ("python-dateutil=2.8", None),
        ("python.app", None),
        ("ipython=3.0", None),
    ],
)
def test_the_version_of_python_is_found(spec: str, python: str | None) -> None:
    conda, problems = read_conda_dependencies("c.yml", f"dependencies:\n  - {spec}\n")
    assert problems == []
    assert conda is not None
    assert conda.python == python


def test_a_conda_file_that_asks_for_nothing_is_right() -> None:
    conda, problems = read_conda_dependencies("c.yml", "name: x\ndependencies:\n")
    assert problems == []
    assert conda is not None
    assert conda.dependencies == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dependencies:\n  - numpy: 1.2\n", "name=version"),
        ("dependencies:\n  - pip: numpy\n", "`pip` must be a list"),
        ("dependencies: numpy\n", "must be a list"),
        ("dependencies:\n  - [a]\n", "single value"),
        ("dependencies:\n  - ''\n", "blank"),
        ("channels:\n  a: b\n", "must be a list"),
    ],
)
def test_what_is_wrong_in_a_conda_file_is_said(text: str, words: str) -> None:
    conda, problems = read_conda_dependencies("c.yml", text)
    assert conda is None
    assert words in " ".join(f"{problem.text} {problem.remedy}" for problem in problems)


def test_a_spark_file_is_read() -> None:
    spark, problems = read_spark_dependencies("aml_config/spark_dependencies.yml", SPARK)
    assert problems == []
    assert spark is not None
    assert spark.configuration["spark.yarn.maxAppAttempts"] == "1"
    assert spark.repositories == ("https://repo.lab.example/maven",)
    assert spark.packages == (MavenPackage("org.example", "connector_2.12", "1.2.0"),)
    assert str(spark.packages[0]) == "org.example:connector_2.12:1.2.0"


def test_a_package_may_be_one_text_and_a_version_is_kept_literally() -> None:
    spark, problems = read_spark_dependencies(
        "s", "packages:\n  - a.b:c:1.10\n  - {group: a, artifact: b, version: 1.10}\n"
    )
    assert problems == []
    assert spark is not None
    assert [package.version for package in spark.packages] == ["1.10", "1.10"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("packages:\n  - {group: a, artifact: b}\n", 1),
        ("packages:\n  - a:b:c,d:e:f\n", 1),
        ("packages:\n  - {group: --conf, artifact: b, version: c}\n", 1),
        ("configuration: [a]\n", 1),
        ("configuration: {'a=b': c}\n", 1),
        ("configuration: {spark.x: [1]}\n", 1),
        ('configuration: {spark.x: "a\\nb"}\n', 1),
        ("repositories: [--jars]\n", 1),
        ("repositories: ['https://a,https://b']\n", 1),
        ("repositories: https://a\n", 1),
    ],
)
def test_what_is_wrong_in_a_spark_file_is_said_once(text: str, count: int) -> None:
    spark, problems = read_spark_dependencies("s", text)
    assert spark is None
    assert len(problems) == count


def test_a_secret_among_the_properties_is_warned_about_and_not_repeated() -> None:
    text = (
        "configuration:\n  spark.hadoop.fs.s3a.secret.key: hush\n  spark.executorEnv.TOKEN: hush\n  spark.x.token: 12\n"
    )
    spark, problems = read_spark_dependencies("aml_config/spark_dependencies.yml", text)
    assert spark is not None
    assert [(problem.severity, problem.line) for problem in problems] == [("warning", 2), ("warning", 3)]
    assert "secret variable" in problems[0].remedy
    assert "hush" not in repr(problems)


def test_a_password_in_an_address_of_a_spark_file_is_warned_about_and_not_repeated() -> None:
    text = (
        "configuration:\n  spark.x.url: 'jdbc:postgresql://bob:s3cr3tword@db.example/x'\n"
        "repositories:\n  - https://bob:s3cr3tword@repo.example/maven\n  - https://repo.example/${USER}\n"
    )
    spark, problems = read_spark_dependencies("aml_config/spark_dependencies.yml", text)
    assert spark is not None
    assert [(problem.severity, problem.line) for problem in problems] == [("warning", 2), ("warning", 4)]
    assert "spark.jars.ivySettings" in problems[1].remedy
    assert "s3cr3tword" not in repr(problems)


def test_what_a_package_of_spark_cannot_say_is_warned_about() -> None:
    text = "packages:\n  - {group: a, artifact: b, version: 1, exclusions: [c:d]}\n"
    spark, problems = read_spark_dependencies("aml_config/spark_dependencies.yml", text)
    assert spark is not None
    assert spark.packages == (MavenPackage("a", "b", "1"),)
    assert [(problem.severity, problem.line) for problem in problems] == [("warning", 2)]
    assert "exclusions" in problems[0].text
    assert "spark.jars.excludes" in problems[0].remedy
