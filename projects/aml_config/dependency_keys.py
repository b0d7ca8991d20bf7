"""The keys of `conda_dependencies.yml` and `spark_dependencies.yml`."""

from projects.aml_config.keys import Key, table_of

CONDA_KEYS = table_of(
    Key("name", "text", "project_environment", "A name for people; the environment is known by its content."),
    Key("channels", "list", "", "Where conda packages come from, the first one first."),
    Key("dependencies", "list", "", "Conda packages, python=... among them, and one `pip:` list."),
)

SPARK_KEYS = table_of(
    Key("configuration", "map", "", "Spark properties, handed to spark-submit in a file."),
    Key("repositories", "list", "", "Addresses of further Maven repositories."),
    Key("packages", "list", "", "Maven packages: group, artifact, version."),
)
