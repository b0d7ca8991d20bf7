"""The form of each kind of target, under the name that the registry's entries give."""

from collections.abc import Mapping

from computes.contract import Framework
from computes.forms.cluster_target_form import ClusterTargetForm
from computes.forms.docker_target_forms import DockerTargetForm, RemoteDockerTargetForm
from computes.forms.livy_target_form import LivyTargetForm
from computes.forms.process_target_form import ProcessTargetForm
from computes.forms.remote_target_form import RemoteTargetForm
from computes.forms.target_form import TargetForm
from computes.registry import ALIASES, REGISTRY

FORMS: Mapping[str, type[TargetForm]] = {
    "local": ProcessTargetForm,
    "docker": DockerTargetForm,
    "remote": RemoteTargetForm,
    "remotedocker": RemoteDockerTargetForm,
    "cluster": ClusterTargetForm,
    "livy": LivyTargetForm,
}


def form_class_for(kind: str) -> type[TargetForm]:
    """Return the form of a kind that has an executor. Raises KeyError for one that has none."""
    kind = ALIASES.get(kind, kind)
    entry = next((REGISTRY[kind, framework] for framework in Framework if (kind, framework) in REGISTRY), None)
    if entry is None:
        raise KeyError(kind)
    return FORMS[entry.form]
