"""What is known of a Spark cluster: how applications are submitted there and what they may take."""

from django.db import models

from computes.cluster_contract import DeployMode
from computes.spark_resources import Resources


class ClusterFields(models.Model):
    """The columns of targets that are Spark clusters. Homes, keytab and worker nodes are the head node's.

    Addresses of links hold {application} or {batch} where the id goes.
    """

    spark_master = models.CharField(max_length=300, default="yarn")
    yarn_deploy_mode = models.CharField(
        max_length=10, default=DeployMode.CLIENT.value, choices=[(each.value, each.value) for each in DeployMode]
    )
    spark_home = models.CharField(max_length=500, blank=True)
    java_home = models.CharField(max_length=500, blank=True)
    yarn_queue = models.CharField(max_length=200, blank=True)
    kerberos_principal = models.CharField(max_length=300, blank=True)
    kerberos_keytab = models.CharField(max_length=500, blank=True)
    spark_configuration = models.JSONField(default=dict, blank=True, help_text="Properties for every application")
    worker_nodes = models.JSONField(default=list, blank=True, help_text="user@host:port of each, for script actions")
    node_keys = models.JSONField(
        default=dict, blank=True, help_text="By host:port: host_keys, seen_host_keys, is_direct, and trouble of a scan"
    )

    default_executors = models.PositiveIntegerField(null=True, blank=True)
    default_executor_cores = models.PositiveIntegerField(null=True, blank=True)
    default_executor_memory_bytes = models.BigIntegerField(null=True, blank=True)
    default_driver_memory_bytes = models.BigIntegerField(null=True, blank=True)
    largest_executors = models.PositiveIntegerField(null=True, blank=True)
    largest_executor_cores = models.PositiveIntegerField(null=True, blank=True)
    largest_executor_memory_bytes = models.BigIntegerField(null=True, blank=True)
    largest_driver_memory_bytes = models.BigIntegerField(null=True, blank=True)

    application_url = models.CharField(max_length=500, blank=True, help_text="YARN's page of an application")
    spark_ui_url = models.CharField(max_length=500, blank=True, help_text="Spark's page of a running application")
    history_url = models.CharField(max_length=500, blank=True, help_text="The history server's page of an application")
    batch_url = models.CharField(max_length=500, blank=True, help_text="Livy's page of a batch")

    livy_url = models.CharField(max_length=500, blank=True)
    livy_username = models.CharField(max_length=200, blank=True)
    sealed_livy_password = models.TextField(blank=True, editable=False)
    livy_ca_bundle = models.CharField(max_length=500, blank=True, help_text="A file of this server")
    livy_proxy_user = models.CharField(max_length=200, blank=True)
    storage_username = models.CharField(max_length=200, blank=True)
    sealed_storage_password = models.TextField(blank=True, editable=False)
    storage_is_for_group = models.BooleanField(default=False, help_text="Drivers run as another account of its group")
    storage_uri = models.CharField(max_length=500, blank=True, help_text="The work folder as the cluster calls it")

    class Meta:
        abstract = True

    @property
    def default_resources(self) -> Resources:
        """Return what an application takes when nothing is said."""
        return Resources(
            self.default_executors,
            self.default_executor_cores,
            self.default_executor_memory_bytes,
            self.default_driver_memory_bytes,
        )

    @property
    def largest_resources(self) -> Resources:
        """Return the most that an application may ask for."""
        return Resources(
            self.largest_executors,
            self.largest_executor_cores,
            self.largest_executor_memory_bytes,
            self.largest_driver_memory_bytes,
        )
