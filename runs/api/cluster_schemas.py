"""What calls about targets say of Spark clusters: on the head node, and behind Livy."""

from typing import Literal

from pydantic import Field

from runs.api.answer_schemas import Answer
from runs.api.request_schemas import Bytes, Count, Secret, StrictSchema


class ClusterChanges(StrictSchema):
    """What may be said about a Spark cluster."""

    spark_master: str | None = Field(None, description="yarn, spark://host:7077 or local[*]")
    yarn_deploy_mode: Literal["cluster", "client"] | None = Field(None, description="Where the driver lives")
    spark_home: str | None = None
    java_home: str | None = None
    yarn_queue: str | None = None
    kerberos_principal: str | None = None
    kerberos_keytab: str | None = Field(None, description="A path on the head node")
    spark_configuration: dict[str, str] | None = Field(None, description="Properties for every application")
    worker_nodes: list[str] | None = Field(None, description="user@host:port of each, for script actions")
    default_executors: Count | None = None
    default_executor_cores: Count | None = None
    default_executor_memory_bytes: Bytes | None = None
    default_driver_memory_bytes: Bytes | None = None
    largest_executors: Count | None = None
    largest_executor_cores: Count | None = None
    largest_executor_memory_bytes: Bytes | None = None
    largest_driver_memory_bytes: Bytes | None = None
    application_url: str | None = Field(None, description="YARN's page; {application} stands for the id")
    spark_ui_url: str | None = Field(None, description="Spark's page; {application} stands for the id")
    history_url: str | None = Field(None, description="The history server's page; {application} stands for the id")
    batch_url: str | None = Field(None, description="Livy's page; {batch} stands for the number")
    livy_url: str | None = Field(None, description="The address of Livy; https where it says nothing")
    livy_username: str | None = None
    livy_password: Secret | None = None
    livy_ca_bundle: str | None = Field(None, description="A PEM file on this server")
    livy_proxy_user: str | None = None
    storage_uri: str | None = Field(None, description="The work folder as the cluster calls it")
    storage_username: str | None = Field(None, description="For WebHDFS")
    storage_password: Secret | None = None
    storage_is_for_group: bool | None = Field(None, description="Drivers run as another account of the folder's group")


class ClusterDetails(Answer):
    """How a Spark cluster is set up, without a secret."""

    spark_master: str
    yarn_deploy_mode: str
    spark_home: str
    java_home: str
    yarn_queue: str
    kerberos_principal: str
    kerberos_keytab: str
    spark_configuration: dict[str, str]
    worker_nodes: list[str]
    default_executors: int | None
    default_executor_cores: int | None
    default_executor_memory_bytes: int | None
    default_driver_memory_bytes: int | None
    largest_executors: int | None
    largest_executor_cores: int | None
    largest_executor_memory_bytes: int | None
    largest_driver_memory_bytes: int | None
    application_url: str
    spark_ui_url: str
    history_url: str
    batch_url: str
    livy_url: str
    livy_username: str
    has_livy_password: bool
    livy_ca_bundle: str
    livy_proxy_user: str
    storage_uri: str
    storage_username: str
    has_storage_password: bool
    storage_is_for_group: bool
