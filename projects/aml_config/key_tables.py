"""All keys of all configuration files, for pages and documentation that list them."""

from typing import Final

from projects.aml_config.compute_keys import COMPUTE_KEYS
from projects.aml_config.dependency_keys import CONDA_KEYS, SPARK_KEYS
from projects.aml_config.keys import KeyTable
from projects.aml_config.run_configuration_keys import RUN_CONFIGURATION_KEYS

KEY_TABLES: Final[dict[str, KeyTable]] = {
    "<name>.compute": COMPUTE_KEYS,
    "<name>.runconfig": RUN_CONFIGURATION_KEYS,
    "conda_dependencies.yml": CONDA_KEYS,
    "spark_dependencies.yml": SPARK_KEYS,
}
