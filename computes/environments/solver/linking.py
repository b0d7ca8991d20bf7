"""Fetches packages into a cache and links them as copies, for a prefix path that is another machine's."""

import time
from typing import Any

import rattler
from rattler import Subdir
from rattler.config import Config
from rattler.install.installer import InstallerReporter
from rattler.package_cache.package_cache import PackageCache, ValidationMode

from computes.environments.solver.client import make_client
from computes.environments.solver.records import record_from_data

AS_COPIES = """
allow-hard-links = false
allow-ref-links = false
allow-symbolic-links = false
run-post-link-scripts = "false"
"""


class Clock(InstallerReporter):
    """Notes when the last package was in the cache."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.cached = self.began

    def on_populate_cache_complete(self, cache_entry: int) -> None:
        """Note the time."""
        self.cached = time.monotonic()


async def link(request: dict[str, Any]) -> dict[str, Any]:
    """Link the records into a folder, and return how long fetching and linking took.

    Nothing of the packages is executed. Checksums are compared when a package is fetched and when it is taken from the
    cache, so a damaged cache is fetched again.
    """
    clock = Clock()  # type: ignore[abstract]
    await rattler.install(
        [record_from_data(data) for data in request["records"]],
        request["folder"],
        client=make_client(request["credentials"]),
        config=Config.from_toml(AS_COPIES),
        package_cache=PackageCache.new_layered([request["packages"]], validation_mode=ValidationMode.full()),
        platform=Subdir(request["subdir"]),
        alternative_target_prefix=request["prefix"],
        execute_link_scripts=False,
        show_progress=False,
        reporter=clock,
    )
    return {"fetch_seconds": clock.cached - clock.began, "link_seconds": time.monotonic() - clock.cached}
