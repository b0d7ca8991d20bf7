"""The names of what may be said about a Spark cluster: in forms, in the API and on the target's row alike."""

from computes.spark_resources import NAMES

RESOURCE_FACTS = (*(f"default_{name}" for name in NAMES), *(f"largest_{name}" for name in NAMES))
LINK_FACTS = ("application_url", "spark_ui_url", "history_url", "batch_url")
CLUSTER_FACTS = (
    "spark_master",
    "yarn_deploy_mode",
    "spark_home",
    "java_home",
    "yarn_queue",
    "kerberos_principal",
    "kerberos_keytab",
    "spark_configuration",
    "worker_nodes",
    "livy_url",
    "livy_username",
    "livy_ca_bundle",
    "livy_proxy_user",
    "storage_uri",
    "storage_username",
    "storage_is_for_group",
    *RESOURCE_FACTS,
    *LINK_FACTS,
)
