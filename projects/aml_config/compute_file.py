"""What a `<name>.compute` file says: one compute target, as a project knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from projects.aml_config.keys import Kind

DeployMode = Literal["cluster", "client"]


@dataclass(frozen=True, slots=True)
class ComputeFile:
    """A compute target. `type` is the word in the file, `kind` what it means; None where the file says nothing.

    `password` and `private_key` hold references to a secret store, never a secret; `credential_missing` is true when
    there is one, because the store that it points to does not come with the file. Booleans and the deploy mode hold
    their defaults where the file says nothing; `given` lists the keys that it does say. `gpus` is in the words of
    `projects.aml_config.gpus`, empty for none.
    """

    name: str
    type: str
    kind: Kind
    address: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    credential_missing: bool = False
    base_docker_image: str | None = None
    shared_volumes: bool = True
    gpus: str = ""
    native_shared_directory: str | None = None
    user_managed_environment: bool = False
    python_location: str | None = None
    spark_submit_location: str | None = None
    yarn_deploy_mode: DeployMode = "cluster"
    spark_master: str | None = None
    queue: str | None = None
    proxy_user: str | None = None
    storage_folder: str | None = None
    storage_uri: str | None = None
    given: frozenset[str] = frozenset()
    unknown: Mapping[str, str] = field(default_factory=dict)

    @property
    def nvidia_docker(self) -> bool:
        """Whether containers get GPUs at all."""
        return bool(self.gpus)
