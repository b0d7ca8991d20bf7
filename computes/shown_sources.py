"""What a target says about package sources, as its page shows it: without a login."""

from dataclasses import dataclass

from computes.environments.address_secrets import prefix_of
from computes.models import ComputeTarget
from computes.package_logins import logins_of

BEGIN = "BEGIN CERTIFICATE"


@dataclass(frozen=True, slots=True)
class ShownSource:
    """One line: what it is for, the address or words, and whether there is a login for it."""

    title: str
    text: str
    has_login: bool = False


def shown_sources(target: ComputeTarget) -> list[ShownSource]:
    """Return what a target says instead of the installation, each in a line."""
    with_login = logins_of(target).addresses

    def line(title: str, address: str) -> ShownSource:
        return ShownSource(title, address, prefix_of(address) in with_login)

    found = [line("Channels below", target.channel_alias)] if target.channel_alias else []
    for name, channels in target.channel_map.items():
        found += [line(f"Channel {name}", channel) for channel in channels]
    found += [line("Python index", target.pip_index)] if target.pip_index else []
    found += [line("Further index", address) for address in target.pip_extra_indexes]
    found += [line("Proxy", target.proxy)] if target.proxy else []
    if count := target.ca_bundle.count(BEGIN):
        found.append(ShownSource("Certificates", f"{count} of its own"))
    return found
