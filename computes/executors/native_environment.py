"""A run in an environment that we have built on its machine: with that interpreter, and its programs found first."""

from dataclasses import replace

from computes.contract import ExecutionRequest
from computes.environments.folder_place import FolderPlace
from computes.errors import EnvironmentGone
from computes.machines.contract import Machine

NO_USER_SITE = "PYTHONNOUSERSITE"


def in_its_environment(request: ExecutionRequest, machine: Machine) -> ExecutionRequest:
    """Return a request whose interpreter is that of its environment; where the user manages it, the same request.

    What the account has installed for itself (`~/.local`) would come before the packages of the lock: it is left out.

    Raises EnvironmentGone where the prefix is not there as a whole.
    """
    hash = request.environment_hash
    if not hash:
        return request
    address, settings = request.address, request.address.settings
    place = FolderPlace(machine, settings.work_folder, address.installation_id)
    if not place.is_complete(hash):
        raise EnvironmentGone(f"The environment {hash[:12]} is not on {settings.name} any more.", "Run it again.")
    programs = f"{place.prefix_of(hash)}/bin"
    known = {**machine.environment(), **settings.environment, **request.environment}
    return replace(
        request,
        address=replace(address, settings=replace(settings, python_location=f"{programs}/python")),
        environment={
            **request.environment,
            "PATH": f"{programs}:{known.get('PATH', '/usr/local/bin:/usr/bin:/bin')}",
            NO_USER_SITE: known.get(NO_USER_SITE, "1"),
        },
    )
