"""The keys of `conda_dependencies.yml` and `spark_dependencies.yml`."""

from projects.aml_config.keys import Key, table_of

CONDA_KEYS = table_of(
    Key("name", "text", "project_environment", "A name for people; the environment is known by its content."),
    Key("channels", "list", "", "Where conda packages come from, the first one first."),
    Key("dependencies", "list", "", "Conda packages, python=... among them, and one `pip:` list."),
)

SPARK_KEYS = table_of(
    Key("configuration", "map", "", "Spark properties, each passed as --conf name=value."),
    Key("repositories", "list", "", "Addresses of Maven repositories, passed as --repositories."),
    Key("packages", "list", "", "Maven packages (group, artifact, version), passed as --packages."),
)
