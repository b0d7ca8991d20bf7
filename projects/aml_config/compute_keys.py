"""The keys of a `<name>.compute` file, and the words that its `type` may be.

Kinds and defaults are those of the Workbench's documents and generated files; `livy` is ours: a Spark cluster that is
reached through the Livy REST service at `address`; so are the keys from `sparkMaster` on.
"""

from typing import Final

from projects.aml_config.keys import Key, Kind, table_of

KIND_OF_TYPE: Final[dict[str, Kind]] = {
    "local": "local",
    "docker": "docker",
    "localdocker": "docker",
    "remotedocker": "remotedocker",
    "remote": "remote",
    "cluster": "cluster",
    "livy": "livy",
}
ALL_KINDS: Final[tuple[Kind, ...]] = ("local", "docker", "remotedocker", "remote", "cluster", "livy")
SSH_KINDS: Final[tuple[Kind, ...]] = ("remotedocker", "remote", "cluster")
DOCKER_KINDS: Final[tuple[Kind, ...]] = ("docker", "remotedocker")
CLUSTER_KINDS: Final[tuple[Kind, ...]] = ("cluster", "livy")
DEPLOY_MODES: Final = ("cluster", "client")

COMPUTE_KEYS = table_of(
    Key(
        "type", "choice", "", "What kind of target this is.",
        applies_to=ALL_KINDS, required_for=ALL_KINDS, choices=tuple(KIND_OF_TYPE),
    ),
    Key(
        "address", "text", "",
        "Host name or IP address, with :port when SSH does not listen on 22; for livy the URL of the service.",
        applies_to=(*SSH_KINDS, "livy"), required_for=(*SSH_KINDS, "livy"),
    ),
    Key(
        "username", "text", "", "The account that runs are executed as.",
        applies_to=(*SSH_KINDS, "livy"), required_for=SSH_KINDS,
    ),
    Key(
        "password", "credential", "", "A reference (AzureMlSecret=...) to a stored password, never the password.",
        applies_to=(*SSH_KINDS, "livy"),
    ),
    Key("privateKey", "credential", "", "A reference to a stored SSH key, never the key.", applies_to=SSH_KINDS),
    Key(
        "baseDockerImage", "text", "", "The image that the packages of the conda file are added to.",
        applies_to=DOCKER_KINDS,
    ),
    Key(
        "sharedVolumes", "boolean", "true", "Mount the run folder into the container; false copies it.",
        applies_to=DOCKER_KINDS,
    ),
    Key(
        "nvidiaDocker", "gpus", "false",
        "Give the container GPUs of NVIDIA: true for all, how many, device=1 for that one, or several: 0,2.",
        applies_to=DOCKER_KINDS,
    ),
    Key(
        "nativeSharedDirectory", "path", "~/.azureml/share/",
        "Base of the folder that is kept between runs; with Docker it needs sharedVolumes: true.",
        applies_to=("local", "docker", "remotedocker"),
    ),
    Key(
        "userManagedEnvironment", "boolean", "false",
        "Run with the Python that is there and install nothing.",
        applies_to=("docker", "remotedocker", "remote", "livy"), other_defaults=(("remote", "true"), ("livy", "true")),
    ),
    Key(
        "pythonLocation", "path", "python3", "The Python interpreter; in containers that of the image.",
        applies_to=("local", "docker", "remotedocker", "remote"),
    ),
    Key("sparkSubmitLocation", "path", "spark-submit", "The spark-submit program.", applies_to=("local",)),
    Key(
        "yarnDeployMode", "choice", "cluster", "Where the driver of a Spark run lives: on the cluster or on its head.",
        applies_to=("cluster",), choices=DEPLOY_MODES,
    ),
    Key("sparkMaster", "text", "yarn", "Where the head node submits to: yarn, spark://host:7077 or local[*].",
        applies_to=("cluster",)),
    Key("queue", "text", "", "The queue of YARN.", applies_to=("cluster", "livy")),
    Key("proxyUser", "text", "", "The account of the cluster that Livy runs applications as.", applies_to=("livy",)),
    Key(
        "storageFolder", "path", "",
        "A folder that this server and the cluster both reach: as mounted here, or the address of WebHDFS.",
        applies_to=("livy",),
    ),
    Key("storageUri", "text", "", "That folder as the cluster calls it, such as hdfs:///user/amlweb.",
        applies_to=("livy",)),
)  # fmt: skip
