"""Fetches packages into a cache and links them as copies, for a prefix path that is another machine's.

Links that a package itself brings stay links: what they lead to may be a folder, or a file of another package.
"""

import time
from pathlib import Path
from typing import Any

import rattler
from rattler import Subdir
from rattler.config import Config
from rattler.install.installer import InstallerReporter
from rattler.package_cache.package_cache import PackageCache, ValidationMode

from computes.environments.solver.client import make_client
from computes.environments.solver.records import record_from_data
from computes.environments.solver.result import end_with
from computes.environments.solver.trusting import Packages, Untrusted

POST_LINK = "-post-link.sh"
AS_COPIES = """
allow-hard-links = false
allow-ref-links = false
allow-symbolic-links = true
run-post-link-scripts = "false"
"""


class Watchman(InstallerReporter):
    """Notes when the last package was in the cache, and lets none be linked that would do harm.

    rattler goes on when a reporter raises an exception, so this process ends with its answer instead.
    """

    def __init__(self, request: dict[str, Any]) -> None:
        self.began = time.monotonic()
        self.cached = self.began
        self.result = request["result"]
        names = {data["name"]: f"{data['name']}-{data['version']}-{data['build']}" for data in request["records"]}
        self.folders = {name: Path(request["packages"], folder) for name, folder in names.items()}
        self.packages = Packages(next((data for data in request["records"] if data["name"] == "python"), {}))
        self.unseen = set(names)

    def on_populate_cache_complete(self, cache_entry: int) -> None:
        """Note the time."""
        self.cached = time.monotonic()

    def on_link_start(self, operation: int, package_name: str) -> int:
        """Look at a package that is in the cache and about to be linked."""
        try:
            self.packages.require_harmless(self.folders[package_name])
            self.unseen.discard(package_name)
        except Exception as error:  # noqa: BLE001 - what could not be looked at is not linked
            text = str(error) if isinstance(error, Untrusted) else f"{package_name} could not be looked at: {error!r}"
            end_with(self.result, {"error": text, "type": type(error).__name__})
        return operation


async def link(request: dict[str, Any]) -> dict[str, Any]:
    """Link the records into a folder, and return how long fetching and linking took, and which of them bring a script
    that conda would run now.

    Nothing of the packages is executed. Checksums are compared when a package is fetched and when it is taken from the
    cache, so a damaged cache is fetched again. A package that would lead out of the cache or of the folder is not
    linked: this process ends then, with that as its answer.
    """
    watchman = Watchman(request)  # type: ignore[abstract]
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
        reporter=watchman,
    )
    if watchman.unseen:
        raise Untrusted(f"These packages were linked and not looked at: {', '.join(sorted(watchman.unseen))}.")
    return {
        "fetch_seconds": watchman.cached - watchman.began,
        "link_seconds": time.monotonic() - watchman.cached,
        "with_scripts": bringing_a_script(Path(request["folder"])),
    }


def bringing_a_script(folder: Path) -> list[str]:
    """Return the packages below a prefix that bring a script which conda would run after linking them."""
    found = (folder / "bin").glob(f".?*{POST_LINK}")
    return sorted(path.name.removeprefix(".").removesuffix(POST_LINK) for path in found)
