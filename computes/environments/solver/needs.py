"""Says which needs of locked packages a platform does not meet, by conda's own rules for versions and builds."""

import re
from typing import Any

from rattler import MatchSpec
from rattler.repo_data import PackageRecord

from computes.environments.platform_probe import levels_up_to
from computes.environments.solver.virtual_packages import virtual_records

NAME = re.compile(r"__\w+")


async def unmet_needs(request: dict[str, Any]) -> dict[str, Any]:
    """Return the places in the list of `needs` that are not met. A need that is a `limit` counts only for what is
    there. One that cannot be read is taken for met: whoever locked it could read it.

    What is made for an older processor runs on a newer one of its kind.
    """
    platform = request["platform"]
    there = [virtual_records({**platform, "archspec": level}) for level in levels_up_to(platform["archspec"])]
    return {"unmet": [place for place, need in enumerate(request["needs"]) if not _is_met(need, there)]}


def _is_met(need: dict[str, Any], there: list[dict[str, PackageRecord]]) -> bool:
    found = NAME.match(need["spec"])
    records = [records[found[0]] for records in there if found and found[0] in records]
    if not records:
        return bool(need["limit"]) or found is None
    try:
        spec = MatchSpec(need["spec"])
    except Exception:  # noqa: BLE001 - one tree of errors per version of rattler
        return True
    return any(spec.matches(record) for record in records)
