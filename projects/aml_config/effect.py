"""Which keys of a configuration do nothing, so that a page can say so before a run rather than after it."""

from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.compute_keys import COMPUTE_KEYS, DOCKER_KINDS
from projects.aml_config.run_configuration_file import RunConfigurationFile

_DATA_SOURCE_KEYS = ("UseSampling", "DataSourceSettings", "DataSourceSubstitutions")


def keys_without_effect(configuration: RunConfigurationFile) -> tuple[str, ...]:
    """Return the given keys of a run configuration that are read and kept, but change nothing: data sources."""
    empty = {
        "DataSourceSettings": not configuration.data_source_settings,
        "DataSourceSubstitutions": not configuration.data_source_substitutions,
    }
    return tuple(key for key in _DATA_SOURCE_KEYS if key in configuration.given and not empty.get(key, False))


def keys_without_effect_on(compute: ComputeFile) -> tuple[str, ...]:
    """Return the given keys of a compute file that do nothing for its kind of target."""
    without = {key.name for key in COMPUTE_KEYS.values() if compute.kind not in key.applies_to}
    if compute.kind in DOCKER_KINDS and not compute.shared_volumes:
        without.add("nativeSharedDirectory")
    return tuple(name for name in COMPUTE_KEYS if name in compute.given and name in without)
