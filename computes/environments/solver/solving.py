"""Finds the exact packages for specs, for a platform that is not this machine's."""

from pathlib import Path
from typing import Any

import rattler
from rattler import Channel, ChannelPriority, Gateway, MatchSpec

from computes.environments.solver.client import make_client
from computes.environments.solver.records import record_to_data
from computes.environments.solver.virtual_packages import virtual_packages


async def solve(request: dict[str, Any]) -> dict[str, Any]:
    """Return the records; a spec that is none is told by its place in the list."""
    specs = []
    for index, text in enumerate(request["specs"]):
        try:
            specs.append(MatchSpec(text))
        except Exception as error:  # noqa: BLE001 - one tree of errors per version of rattler
            return {"error": str(error), "type": type(error).__name__, "spec": index}
    gateway = Gateway(cache_dir=Path(request["repodata"]), client=make_client(request["credentials"]))
    records = await rattler.solve(
        sources=[Channel(address) for address in request["channels"]],
        specs=specs,
        gateway=gateway,
        platforms=[request["platform"]["subdir"], "noarch"],
        virtual_packages=virtual_packages(request["platform"]),
        channel_priority=ChannelPriority.Strict,
    )
    return {"records": [record_to_data(record) for record in records]}
