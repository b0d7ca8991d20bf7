"""The keys of a `<name>.runconfig` file, in YAML or in the older JSON."""

from typing import Final

from projects.aml_config.keys import Key, table_of

FRAMEWORKS: Final = ("Python", "PySpark")
SCRIPT_PLACEHOLDER: Final = "$file"
DEFAULT_CONDA_FILE: Final = "aml_config/conda_dependencies.yml"
DEFAULT_SPARK_FILE: Final = "aml_config/spark_dependencies.yml"

RUN_CONFIGURATION_KEYS = table_of(
    Key(
        "ArgumentVector", "list", "[$file]",
        "The script and its arguments; $file stands for the script that is picked at submit.",
    ),
    Key("Target", "text", "", "The compute target: the name of a .compute file, without its ending."),
    Key(
        "Framework", "choice", "PySpark",
        "Python starts the script with the interpreter, PySpark with spark-submit.", choices=FRAMEWORKS,
    ),
    Key("CondaDependenciesFile", "path", DEFAULT_CONDA_FILE, "The Python packages, where the target's are managed."),
    Key("SparkDependenciesFile", "path", DEFAULT_SPARK_FILE, "Spark's settings and packages, for PySpark only."),
    Key("EnvironmentVariables", "map", "", "Set for the script. Secret values belong into the submit form."),
    Key("PrepareEnvironment", "boolean", "true", "Prepare the environment before the run when it is not ready."),
    Key("TrackedRun", "boolean", "true", "Keep the run in the history."),
    Key("MaxRunDurationSeconds", "seconds", "", "The run is stopped after this time."),
    Key("TimeLimitSeconds", "seconds", "", "Another name of MaxRunDurationSeconds."),
    Key("UseSampling", "boolean", "true", "Data sources give their sample instead of all rows."),
    Key("DataSourceSettings", "map", "", "Which named sample of a data source is used."),
    Key("DataSourceSubstitutions", "map", "", "Which data source is used in place of which."),
)  # fmt: skip

SUCCESSOR_NAMES: Final = {
    "script": "ArgumentVector",
    "arguments": "ArgumentVector",
    "maxRunDurationSeconds": "MaxRunDurationSeconds",
    "environmentVariables": "EnvironmentVariables",
    "interpreterPath": "pythonLocation in the .compute file",
    "baseImage": "baseDockerImage in the .compute file",
}
