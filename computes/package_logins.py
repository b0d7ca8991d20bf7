"""The logins of a target's package sources: taken out of their addresses, sealed on its row, and never shown again."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from django.contrib.auth.models import User

from computes.environments.address_secrets import Credentials, prefix_of
from computes.models import ComputeTarget
from computes.target_history import note_change
from computes.target_settings import OWNER, secret_of
from projects.secret_box import seal

FIELD = "package_logins"


@dataclass(frozen=True, slots=True)
class PackageLogins:
    """The logins by address: of channels and indexes, and of the proxy, which are sent to it alone."""

    of_sources: Credentials = field(default_factory=dict, repr=False)
    of_proxy: Credentials = field(default_factory=dict, repr=False)

    @property
    def addresses(self) -> list[str]:
        """Return what there is a login for."""
        return sorted({*self.of_sources, *self.of_proxy})


@dataclass(frozen=True, slots=True)
class NewLogins:
    """Logins that were given with addresses, and whether those that are stored are forgotten."""

    given: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    forgets_stored: bool = False


def logins_of(target: ComputeTarget) -> PackageLogins:
    """Return the stored logins of a target. Those that do not open any more count as missing."""
    text = secret_of(target, FIELD)
    stored = {address: (user, password) for address, (user, password) in json.loads(text or "{}").items()}
    proxy = prefix_of(target.proxy) if target.proxy else None
    return PackageLogins(
        {address: login for address, login in stored.items() if address != proxy},
        {address: login for address, login in stored.items() if address == proxy},
    )


def keep_package_logins(target: ComputeTarget, user: User, new: NewLogins) -> bool:
    """Seal new logins, keep stored ones whose address the target still names, and forget the others. Returns whether
    anything changed."""
    known = logins_of(target)
    stored = {**known.of_sources, **known.of_proxy}
    named = {prefix_of(address) for address in addresses_of(target)}
    kept = {} if new.forgets_stored else {address: login for address, login in stored.items() if address in named}
    wanted = {**kept, **new.given}
    if wanted == stored:
        return False
    target.sealed_package_logins = seal(OWNER, target.pk, FIELD, json.dumps(wanted)) if wanted else ""
    ComputeTarget.objects.filter(pk=target.pk).update(sealed_package_logins=target.sealed_package_logins)
    note_change(target, user, "Changed the logins of the package sources.")
    return True


def addresses_of(target: ComputeTarget) -> Iterable[str]:
    """Yield every address that a target names packages or a proxy by."""
    yield from (target.channel_alias, target.pip_index, target.proxy, *target.pip_extra_indexes)
    for channels in target.channel_map.values():
        yield from channels


def proxy_with_login(proxy: str, logins: PackageLogins) -> str:
    """Return the address of a proxy with its login in it, as programs want it."""
    login = logins.of_proxy.get(prefix_of(proxy))
    if login is None:
        return proxy
    scheme, _, rest = proxy.partition("://")
    return f"{scheme}://{quote(login[0], safe='')}:{quote(login[1], safe='')}@{rest}"
