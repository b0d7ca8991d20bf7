"""What a program finds in its container: paths, the interpreter, and the variables that image and environment give."""

from computes.contract import ExecutionRequest, Framework
from computes.errors import StartFailed
from computes.executors.disk_check import NOT_SHARED, NOT_SHARED_REMEDY
from computes.executors.docker.images import ImageFacts
from computes.executors.docker.names import CODE, IN_RUN, SHARE, SPARK, prefix_of, run_folder_inside
from computes.executors.docker.run_in_container import container_settings
from computes.executors.specification import Surroundings

USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER = "amlweb"


def surroundings_in(request: ExecutionRequest, image: ImageFacts) -> Surroundings:
    """Return a program's surroundings. Raises StartFailed for a share folder where folders are not shared."""
    settings = request.address.settings
    run_folder = run_folder_inside(request.address)
    home = f"{run_folder}/home"
    variables = {"PATH": USUAL_PATH, "LANG": "C.UTF-8", **image.environment}
    variables.update(HOME=home, USER=USER, LOGNAME=USER)
    if request.environment_hash:
        variables["PATH"] = f"{prefix_of(request.environment_hash)}/bin:{variables['PATH']}"
    is_shared = container_settings(request.address).is_shared
    if settings.native_shared_directory and not is_shared:
        raise StartFailed(NOT_SHARED, NOT_SHARED_REMEDY)
    return Surroundings(
        interpreter=interpreter_of(request),
        run_folder=run_folder,
        code=CODE,
        in_run=IN_RUN,
        environment=variables,
        share=SHARE if settings.native_shared_directory else "",
        ivy=f"{SPARK}/ivy" if is_shared and request.framework == Framework.PYSPARK else "",
    )


def interpreter_of(request: ExecutionRequest) -> str:
    """Return the Python of the prepared environment, or literally the one that the target names in its image."""
    if request.environment_hash:
        return f"{prefix_of(request.environment_hash)}/bin/python"
    return request.address.settings.python_location
