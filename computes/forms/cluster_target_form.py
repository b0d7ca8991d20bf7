"""The form that attaches and edits a Spark cluster whose head node is reached over SSH."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from computes.cluster_contract import DeployMode
from computes.driver_storage import problem_of_driver_storage
from computes.forms.credential_fields import CREDENTIAL
from computes.forms.host_form import HostForm
from computes.forms.package_fields import PACKAGES, PackageFields
from computes.forms.process_target_form import PYTHON, ProcessTargetForm
from computes.forms.sections import Section
from computes.forms.spark_fields import LINKS, RESOURCES, SparkFields
from computes.forms.ssh_fields import CONNECTION
from computes.forms.target_form import ABOUT, FOLDERS, RUNS, check_folder
from computes.forms.worker_nodes_field import WorkerNodesField
from computes.spark_master import YARN, problem_of_master, takes_deploy_mode

SPARK = Section(
    "spark",
    "Spark",
    (
        ("spark_master", "yarn_deploy_mode"),
        ("storage_uri",),
        ("spark_home", "java_home"),
        ("yarn_queue",),
        ("spark_configuration",),
    ),
    "Applications are submitted on the head node by its spark-submit.",
)
KERBEROS = Section(
    "kerberos",
    "Kerberos",
    (("kerberos_principal", "kerberos_keytab"),),
    "For clusters with security. The keytab stays on the head node; amlweb never reads it.",
    folds="Principal and keytab",
)
NODES = Section(
    "nodes",
    "Nodes",
    (("worker_nodes",),),
    "For script actions, which an administrator runs on all nodes.",
    folds="Addresses of the nodes",
)
PRINCIPAL = re.compile(r"[A-Za-z0-9_.$-]+(?:/[A-Za-z0-9_.-]+)?@[A-Za-z0-9_.-]+")
MODES = (
    (DeployMode.CLUSTER.value, "cluster: on a node of the cluster"),
    (DeployMode.CLIENT.value, "client: on the head node"),
)


def check_master(master: str) -> None:
    """A master that PySpark scripts can be submitted to."""
    if problem := problem_of_master(master):
        raise ValidationError(problem)


def check_driver_storage(text: str) -> None:
    """An address that Hadoop's commands take literally."""
    if problem := problem_of_driver_storage(text):
        raise ValidationError(problem)


def check_principal(text: str) -> None:
    """A principal has a realm."""
    if not PRINCIPAL.fullmatch(text):
        raise ValidationError("This is not a principal. Write for example amlweb@LAB.EXAMPLE.")


class ClusterTargetForm(HostForm, PackageFields, SparkFields, ProcessTargetForm):
    """A head node over SSH. There is no shared folder: nodes read from the cluster's storage."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (
        ABOUT, CONNECTION, CREDENTIAL, SPARK, RESOURCES, LINKS, PYTHON, KERBEROS, FOLDERS, NODES, PACKAGES, RUNS,
    )  # fmt: skip
    HOST = "head node"
    may_keep_password = True
    native_shared_directory = None  # type: ignore[assignment]  # so Django leaves a field out

    spark_master = forms.CharField(
        label="Master",
        max_length=300,
        initial=YARN,
        validators=[check_master],
        help_text="sparkMaster: yarn, spark://host:7077, or local[*] for the head node alone.",
    )
    yarn_deploy_mode = forms.ChoiceField(
        label="Deploy mode",
        choices=MODES,
        initial=DeployMode.CLIENT.value,
        help_text="yarnDeployMode: where the driver lives. A project may say the other one.",
    )
    storage_uri = forms.CharField(
        label="Storage of drivers", required=False, max_length=500, validators=[check_driver_storage],
        help_text="Where drivers on the nodes leave logs and outputs for the head node. Empty: hdfs:///user/USER/amlweb.",
    )  # fmt: skip
    spark_home = forms.CharField(
        label="Spark's folder", required=False, max_length=500, validators=[check_folder],
        help_text="SPARK_HOME. Empty for the spark-submit that the account finds.",
    )  # fmt: skip
    java_home = forms.CharField(
        label="Java's folder", required=False, max_length=500, validators=[check_folder],
        help_text="JAVA_HOME. Empty for the account's own.",
    )  # fmt: skip
    kerberos_principal = forms.CharField(
        label="Principal", required=False, max_length=300, validators=[check_principal],
        help_text="Such as amlweb@LAB.EXAMPLE.",
    )  # fmt: skip
    kerberos_keytab = forms.CharField(
        label="Keytab", required=False, max_length=500, validators=[check_folder],
        help_text="Its path on the head node, such as /etc/security/keytabs/amlweb.keytab.",
    )  # fmt: skip
    worker_nodes = WorkerNodesField(
        label="Worker nodes", required=False, help_text="One user@host:port a line, as the head node calls them."
    )
    user_managed_environment = forms.BooleanField(
        label="Run with that Python and install nothing",
        required=False,
        initial=False,
        help_text="It must be on every node. Otherwise conda_dependencies.yml of the project is packed and sent along.",
    )

    def clean(self) -> dict[str, Any]:
        """Hold master, mode, queue and Kerberos against each other."""
        cleaned = super().clean() or self.cleaned_data
        master = cleaned.get("spark_master", YARN)
        if not takes_deploy_mode(master):
            if cleaned.get("yarn_deploy_mode") == DeployMode.CLUSTER:
                self.add_error(
                    "yarn_deploy_mode", ValidationError("Only YARN takes the driver of a Python script. Choose client.")
                )
            if cleaned.get("yarn_queue"):
                self.add_error("yarn_queue", ValidationError("Only YARN has queues. Leave it empty."))
        pair = {name: cleaned.get(name) for name in ("kerberos_principal", "kerberos_keytab")}
        if any(pair.values()):
            for name in [name for name, text in pair.items() if not text and name not in self.errors]:
                self.add_error(name, ValidationError("Principal and keytab go together. Write both or none."))
        return cleaned
