"""Makes a ComputeFile of the map in a `<name>.compute` file."""

import re
from typing import cast

from projects.aml_config.compute_file import ComputeFile, DeployMode
from projects.aml_config.compute_keys import (
    CLUSTER_KINDS,
    COMPUTE_KEYS,
    DEPLOY_MODES,
    DOCKER_KINDS,
    KIND_OF_TYPE,
    SSH_KINDS,
)
from projects.aml_config.fields import Fields
from projects.aml_config.findings import Findings
from projects.aml_config.gpus import REMEDY as GPUS_REMEDY
from projects.aml_config.gpus import gpus_of
from projects.aml_config.keys import Kind
from projects.aml_config.nodes import MapNode, ScalarNode, plain_value_of
from projects.aml_config.run_configuration_keys import SUCCESSOR_NAMES

SECRET_REFERENCE = "AzureMlSecret="  # noqa: S105 - the mark of a reference
RETIRED_IMAGES = "microsoft/mmlspark:"

_HOST = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)(?::([0-9]{1,5}))?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*"
)
_SERVICE = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#@]*)?")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]*\$?")


def compute_from(name: str, node: MapNode, findings: Findings) -> ComputeFile | None:
    """Return the compute target that a map describes, None when there is no telling its kind."""
    fields = Fields(findings, node, COMPUTE_KEYS, SUCCESSOR_NAMES)
    word = fields.choice("type", COMPUTE_KEYS["type"].choices)
    password, private_key = _reference(fields, "password"), _reference(fields, "privateKey")
    if word is None:
        if "type" not in fields.given:
            findings.error(node, "`type` is missing.", _type_remedy(node))
        return None
    kind = KIND_OF_TYPE[word]
    for key in COMPUTE_KEYS.values():
        if kind in key.required_for and key.name not in fields.given:
            findings.error(node, f"`{key.name}` is missing; a target of type {word} needs it.", f"Add `{key.name}: …`.")
    shared_volumes = fields.boolean("sharedVolumes")
    shared_entry = fields.entry("nativeSharedDirectory")
    if kind in DOCKER_KINDS and shared_entry and shared_volumes is False:
        text = "`nativeSharedDirectory` has no effect without shared volumes."
        findings.warning(shared_entry.value, text, "Write `sharedVolumes: true`, or remove the line.")
    if kind in CLUSTER_KINDS and shared_entry:
        text = "A Spark cluster has no shared folder: runs with this file are refused."
        remedy = "Remove the line, and read and write whole addresses such as hdfs:///data or abfs://…"
        findings.warning(shared_entry.value, text, remedy)
    managed_by_user = fields.boolean("userManagedEnvironment")
    return ComputeFile(
        name=name,
        type=word,
        kind=kind,
        address=_address(fields, kind),
        username=_username(fields),
        password=password,
        private_key=private_key,
        credential_missing=password is not None or private_key is not None,
        base_docker_image=_image(fields),
        shared_volumes=shared_volumes is not False,
        gpus=_gpus(fields),
        native_shared_directory=fields.text("nativeSharedDirectory"),
        user_managed_environment=kind in ("remote", "livy") if managed_by_user is None else managed_by_user,
        python_location=fields.text("pythonLocation"),
        spark_submit_location=fields.text("sparkSubmitLocation"),
        yarn_deploy_mode=cast(DeployMode, fields.choice("yarnDeployMode", DEPLOY_MODES) or "cluster"),
        spark_master=fields.text("sparkMaster"),
        queue=fields.text("queue"),
        proxy_user=fields.text("proxyUser"),
        storage_folder=fields.text("storageFolder"),
        storage_uri=fields.text("storageUri"),
        given=fields.given,
        unknown=fields.unknown,
    )


def _type_remedy(node: MapNode) -> str:
    if node.find("cluster") or node.find("native"):
        return "This is the oldest form of the file: write `type: cluster`, `type: remotedocker` or `type: local`."
    return f"Add `type: local`, or one of: {', '.join(COMPUTE_KEYS['type'].choices)}."


def _reference(fields: Fields, name: str) -> str | None:
    """Return a reference to a secret; anything else in its place is an error that does not repeat it."""
    entry = fields.entry(name)
    if entry is None or (isinstance(entry.value, ScalarNode) and not entry.value.text.strip()):
        return None
    if isinstance(entry.value, ScalarNode) and entry.value.text.startswith(SECRET_REFERENCE):
        fields.findings.warning(
            entry.value,
            "The credential is missing: the file only refers to one that another installation keeps.",
            "Give the target its password or key in this installation.",
        )
        return entry.value.text
    fields.findings.error(
        entry.value,
        f"`{name}` holds something else than a reference; secrets do not belong into a project's files.",
        "Remove the line, store the credential with the target, and change it if others could read the file.",
    )
    return None


def _address(fields: Fields, kind: Kind) -> str | None:
    text, entry = fields.text("address"), fields.entry("address")
    if text is None or entry is None:
        return None
    if kind == "livy":
        if not _SERVICE.fullmatch(text):
            remedy = "Write for example http://livy.lab.example:8998, without user and password."
            fields.findings.error(entry.value, "`address` is not the URL of a Livy service.", remedy)
    elif kind in SSH_KINDS:
        host = _HOST.fullmatch(text)
        if host is None or (host[1] and not 0 < int(host[1]) < 65_536):
            remedy = "Write a host name or an IP address, with :port if needed; the user goes into `username`."
            fields.findings.error(entry.value, "`address` is not a host that SSH could reach.", remedy)
    return text


def _username(fields: Fields) -> str | None:
    text, entry = fields.text("username"), fields.entry("username")
    if text is not None and entry is not None and not _USER.fullmatch(text):
        fields.findings.error(entry.value, "`username` is not the name of an account.", "Write the name alone.")
    return text


def _image(fields: Fields) -> str | None:
    text, entry = fields.text("baseDockerImage"), fields.entry("baseDockerImage")
    if text is not None and entry is not None:
        if text.startswith("-") or " " in text:
            fields.findings.error(entry.value, "`baseDockerImage` is not the name of an image.", "Write name:tag.")
        elif text.startswith(RETIRED_IMAGES):
            fields.findings.warning(
                entry.value,
                "The images of microsoft/mmlspark are no longer maintained and may not be there to pull.",
                "Name another image, for example python:3.11-slim, or a Spark image for PySpark.",
            )
    return text


def _gpus(fields: Fields) -> str:
    entry = fields.entry("nvidiaDocker")
    if entry is None or (isinstance(entry.value, ScalarNode) and fields.text("nvidiaDocker") is None):
        return ""
    gpus = gpus_of(plain_value_of(entry.value))
    if gpus is None:
        text = "`nvidiaDocker` says neither how many GPUs nor which."
        fields.findings.error(entry.value, text, GPUS_REMEDY)
    return gpus or ""
