"""A whole `aml_config` folder: what is in it, and what its files say about each other."""

from collections.abc import Iterator, Mapping

from projects.aml_config.folder import AmlConfig, read_aml_config

FILES = {
    "train.py": b"print(1)\n",
    "aml_config/local.compute": b"type: local\n",
    "aml_config/docker.compute": b"type: localdocker\nbaseDockerImage: microsoft/mmlspark:plus-0.7.91\n",
    "aml_config/local.runconfig": b"ArgumentVector: [train.py]\nTarget: local\nFramework: Python\n",
    "aml_config/docker-spark.runconfig": b'{"ArgumentVector": ["$file"], "Target": "docker", "Framework": "PySpark"}',
    "aml_config/conda_dependencies.yml": b"dependencies:\n  - python=3.5.2\n",
    "aml_config/spark_dependencies.yml": b"configuration:\n  spark.app.name: x\n",
    "aml_config/deeper/other.compute": b"not read: [",
    "other/y.compute": b"not read: [",
}


class WatchedFiles(Mapping[str, bytes]):
    """Files that remember which of them were opened."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.opened: set[str] = set()

    def __getitem__(self, path: str) -> bytes:
        self.opened.add(path)
        return self.files[path]

    def __contains__(self, path: object) -> bool:
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def texts_of(config: AmlConfig) -> list[tuple[str, int | None, str]]:
    return [(problem.file.rpartition("/")[2], problem.line, problem.severity) for problem in config.problems]


def test_everything_in_the_folder_is_found_by_its_name() -> None:
    config = read_aml_config(FILES)
    assert list(config.computes) == ["docker", "local"]
    assert list(config.run_configurations) == ["docker-spark", "local"]
    assert list(config.conda) == ["aml_config/conda_dependencies.yml"]
    assert list(config.spark) == ["aml_config/spark_dependencies.yml"]
    assert texts_of(config) == [("conda_dependencies.yml", 2, "warning"), ("docker.compute", 2, "warning")]


def test_only_configuration_files_are_opened() -> None:
    files = WatchedFiles(FILES)
    read_aml_config(files)
    assert files.opened == {path for path in FILES if path.startswith("aml_config/") and "deeper" not in path}


def test_a_file_with_an_error_leaves_the_others_usable() -> None:
    config = read_aml_config({**FILES, "aml_config/local.compute": b"type: [\n"})
    assert list(config.computes) == ["docker"]
    assert list(config.run_configurations) == ["docker-spark", "local"]
    assert ("local.compute", 2, "error") in texts_of(config)


def test_a_target_that_the_project_does_not_have_is_a_warning_at_its_line() -> None:
    config = read_aml_config({"aml_config/a.runconfig": b"Framework: Python\nTarget: elsewhere\n"})
    assert list(config.run_configurations) == ["a"]
    assert texts_of(config) == [("a.runconfig", 2, "warning")]


def test_dependency_files_are_read_where_a_configuration_names_them() -> None:
    config = read_aml_config(
        {
            **FILES,
            "aml_config/a.runconfig": b"Target: local\nCondaDependenciesFile: envs/gpu.yml\n"
            b"SparkDependenciesFile: no.yml\n",
            "envs/gpu.yml": b"dependencies: [python=3.12]\n",
        }
    )
    assert config.conda["envs/gpu.yml"].python == "3.12"
    assert [problem for problem in texts_of(config) if problem[0] == "a.runconfig"] == [("a.runconfig", 3, "warning")]


def test_a_name_that_is_none_is_refused() -> None:
    names = ["", " a", "a\nb", "x" * 101, "\u202ea"]
    config = read_aml_config({f"aml_config/{name}.compute": b"type: local\n" for name in names})
    assert config.computes == {}
    assert [problem.severity for problem in config.problems] == ["error"] * len(names)


def test_a_project_without_the_folder_has_no_problems() -> None:
    assert read_aml_config({"train.py": b""}) == AmlConfig()
