"""The itemised check of a target that runs containers."""

from collections.abc import Callable, Iterator

from computes.contract import CheckItem, ContainerSettings, TargetSettings
from computes.errors import StartFailed, TargetError, TargetUnreachable
from computes.executors.disk_check import FREE_BYTES_WANTED, check_disks
from computes.executors.docker.container_config import plain_config, run_config, user_of
from computes.executors.docker.engine import Engine
from computes.executors.docker.images import image_facts
from computes.executors.docker.names import KIND, environment_volume
from computes.executors.docker.silent_engines import as_the_host_says
from computes.executors.docker.spark_in_image import find_spark
from computes.executors.docker.throw_away import made, output_of
from computes.executors.environment_check import check_environments
from computes.executors.findings import Finding, timed
from computes.executors.gpu_check import check_gpus
from computes.executors.spark.checking import check_spark
from computes.machines.contract import Machine

OLDEST_ENGINE = (1, 40)
NOBODY = "65534:65534"
CHECK = {KIND: "check"}
PYTHON_SECONDS = 30.0
PYTHON = "import sys; print('%d.%d.%d' % sys.version_info[:3]); sys.exit(sys.version_info < (3, 6))"


def check_docker(
    machine: Machine, settings: TargetSettings, open_engine: Callable[[TargetSettings], Engine]
) -> Iterator[CheckItem]:
    """Yield each finding as soon as it is known; without contact or an engine the findings behind it are left out."""
    if not (yield from machine.check_contact()):
        return
    yield from check_disks(machine, settings)
    yield timed("GPUs", lambda: check_gpus(machine))
    engines: list[Engine] = []
    yield timed("Docker", lambda: check_engine(engines, machine, settings, open_engine))
    container = settings.container
    if not engines or container is None:
        return
    engine = engines[0]
    yield timed("Docker's disk", lambda: check_root(machine, engine))
    yield timed("Image", lambda: check_image(engine, container))
    yield timed("Container", lambda: check_container(engine, container))
    if not settings.user_managed_environment:
        yield timed("Environments", lambda: check_environments(settings, lambda hash: is_there(engine, hash)))
    else:
        yield timed("Python in the image", lambda: check_python(engine, container, settings.python_location))
    yield from check_spark(lambda: find_spark(engine, settings, container))
    yield timed("Live restore", lambda: check_live_restore(engine))


def check_engine(
    engines: list[Engine], machine: Machine, settings: TargetSettings, open_engine: Callable[[TargetSettings], Engine]
) -> Finding:
    """The engine answers, and the account may use it."""
    if settings.container is None or not settings.container.image:
        return False, "No base Docker image is set.", "Set the base Docker image of the target."
    engine = open_engine(settings)
    try:
        said = engine.version()
    except TargetUnreachable as error:
        raise as_the_host_says(machine, settings, error) from error
    engines.append(engine)
    api = tuple(int(part) for part in str(said["ApiVersion"]).split("."))
    detail = f"Docker {said['Version']} answers (API {said['ApiVersion']}, {said['Os']}/{said['Arch']})."
    ok = api >= OLDEST_ENGINE and said["Os"] == "linux"
    return ok, detail, "" if ok else "Install Docker Engine 19.03 or newer for Linux."


def check_root(machine: Machine, engine: Engine) -> Finding:
    """Some space is left where images and volumes are kept."""
    root = str(engine.info()["DockerRootDir"])
    try:
        free = machine.free_bytes(root)
    except TargetError:
        return True, f"Images are kept in {root}; the account cannot see how much is free there.", ""
    ok = free >= FREE_BYTES_WANTED
    remedy = "Free space there: docker system df shows what takes it, docker image prune removes unused images."
    return ok, f"{free / 1024**3:.1f} GiB are free in {root}.", "" if ok else remedy


def check_image(engine: Engine, container: ContainerSettings) -> Finding:
    """The base image is there."""
    facts = image_facts(engine, container.image)
    if facts is None:
        return (
            False,
            f"{container.image} is not there yet.",
            f"Prepare the target, or pull it there: docker pull {container.image}",
        )
    return True, f"{container.image} is there: {facts.digest or facts.id} ({facts.architecture}).", ""


def check_container(engine: Engine, container: ContainerSettings) -> Finding:
    """A container with the target's limits, GPUs and network can be made and started."""
    if image_facts(engine, container.image) is None:
        return False, "Not tried: the image is not there.", "Pull the image first."
    user = user_of(container) or NOBODY
    config = run_config(container, user, ["/amlweb-check"], [], CHECK)
    with made(engine, config) as name:
        try:
            engine.start(name)
        except StartFailed:
            raise
        except TargetError as error:
            if "/amlweb-check" not in error.text:
                raise
    parts = [f"network {container.network}"]
    parts += [f"{container.cpus:g} CPUs"] if container.cpus is not None else []
    parts += [f"{container.memory_bytes / 1024**2:,.0f} MiB"] if container.memory_bytes is not None else []
    parts += [f"GPUs {container.gpus}"] if container.gpus else []
    return True, f"Containers can be made with {', '.join(parts)}, as user {user}.", ""


def check_python(engine: Engine, container: ContainerSettings, location: str) -> Finding:
    """The image has the Python that the target names. Runs in a prepared environment bring their own."""
    if image_facts(engine, container.image) is None:
        return False, "Not tried: the image is not there.", "Pull the image first."
    config = plain_config(container.image, NOBODY, [location, "-I", "-S", "-c", PYTHON], [], CHECK)
    remedy = "Set pythonLocation to a Python 3.6 or newer of the image, or let environments be prepared."
    try:
        code, said = output_of(engine, config, PYTHON_SECONDS)
    except TargetError as error:
        return False, f"{location} was not found in the image: {error.text[-200:]}", remedy
    return (True, f"{location} is Python {said.strip()[-100:]}.", "") if code == 0 else (False, said[-200:], remedy)


def is_there(engine: Engine, hash: str) -> bool:
    """The volume of an environment is there."""
    return engine.volume(environment_volume(hash)) is not None


def check_live_restore(engine: Engine) -> Finding:
    """Advice: with live restore, runs go on while Docker is restarted or updated."""
    if engine.info().get("LiveRestoreEnabled"):
        return True, "Runs go on while Docker is restarted.", ""
    advice = 'To let runs go on while Docker is restarted, set "live-restore": true in /etc/docker/daemon.json.'
    return True, "Runs end when Docker is restarted.", advice
