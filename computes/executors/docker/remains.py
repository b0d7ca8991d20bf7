"""Finding and removing what runs and builds have left in an engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from computes.contract import RunAddress, TargetSettings
from computes.executors.docker.engine import Engine
from computes.executors.docker.engine_socket import engine_socket
from computes.executors.docker.names import INSTALLATION, RUN, container_of, labels_of, volume_of


def as_it_is_kept(address: RunAddress) -> RunAddress:
    """Return a run's address whose settings say how its run folder is kept: in a volume where that is there, whatever
    the target is set to by now. A container that somebody has given another name gets its own again, by which it is
    stopped and removed."""
    container = address.settings.container
    if container is None:
        return address
    with engine_of(address.settings) as engine:
        is_shared = engine.volume(volume_of(address)) is None
        if engine.inspect(container_of(address)) is None:
            for facts in engine.containers(labels_of(address))[:1]:
                engine.rename(facts["Id"], container_of(address))
    return replace(address, settings=replace(address.settings, container=replace(container, is_shared=is_shared)))


def remove_stray(settings: TargetSettings, installation_id: str, container: str) -> None:
    """Remove a container of ours that belongs to no run, running or not."""
    with engine_of(settings) as engine:
        facts = engine.inspect(container)
        labels = facts["Config"]["Labels"] or {} if facts else {}
        if labels.get(INSTALLATION) == installation_id and RUN not in labels:
            engine.remove(container, force=True)


@contextmanager
def engine_of(settings: TargetSettings) -> Iterator[Engine]:
    """Give the engine of a target for a moment."""
    engine = Engine(engine_socket(settings))
    try:
        yield engine
    finally:
        engine.close()
