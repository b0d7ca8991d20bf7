"""What must not be in a report: secrets never, addresses and names of people not in an anonymous one."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from computes.contract import TargetSettings
from projects.aml_config.spark_properties import holds_secret

STARS = "*****"
LEAST_LETTERS = 2
NUMBERS = re.compile(
    r"(?<![\w.])(?!127\.)(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<!\w)ip(?:-\d{1,3}){4}(?!\w)"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}"
    r"|SHA256:[A-Za-z0-9+/=]+",
    re.IGNORECASE,
)


class Masks:
    """Takes words out of texts, and of all texts in what JSON is made of."""

    def __init__(self, settings: TargetSettings, secrets: Iterable[str] = (), is_anonymous: bool = False) -> None:
        self.secrets = {*secrets, *secrets_of(settings)} - {""}
        self.is_anonymous = is_anonymous
        self.hosts = hosts_of(settings) if is_anonymous else set()
        self.names = names_of(settings) if is_anonymous else set()

    def learn_hosts(self, hosts: Iterable[str]) -> None:
        """Take these names out too, from an anonymous report."""
        if self.is_anonymous:
            self.hosts.update(worth_hiding(hosts))

    def mask(self, value: Any) -> Any:
        """Return the same without what must not be seen."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.mask(each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.mask(each) for each in value]
        return value

    def text(self, text: str) -> str:
        """Return a text without what must not be seen."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, STARS)
        if not self.is_anonymous:
            return text
        for host in sorted(self.hosts, key=len, reverse=True):
            domain = host.partition(".")[2]
            others = (
                rf"[\w.-]+\.{re.escape(domain)}|" if "." in domain and not domain.replace(".", "").isdigit() else ""
            )
            text = whole_word(others + re.escape(host)).sub("<host>", text)
        for name in sorted(self.names, key=len, reverse=True):
            text = whole_word(re.escape(name)).sub("<name>", text)
        return NUMBERS.sub("<address>", text)


def whole_word(pattern: str) -> re.Pattern[str]:
    """Return what finds a pattern that is no part of a longer word."""
    return re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])", re.IGNORECASE)


def secrets_of(settings: TargetSettings) -> set[str]:
    """Return everything in a target's settings that is sealed at rest, and values of variables and properties that look
    like secrets by their names."""
    named = dict(settings.environment)
    named.update(settings.cluster.configuration if settings.cluster is not None else {})
    named.update(settings.livy.configuration if settings.livy is not None else {})
    found = {value for name, value in named.items() if holds_secret(name, value)}
    if settings.ssh is not None:
        for access in (settings.ssh, *settings.ssh.jumps):
            lines = (line for line in access.private_key.splitlines() if len(line) > 8 and "-----" not in line)
            found |= {access.password, *lines}
    if settings.container is not None and settings.container.login is not None:
        found.add(settings.container.login.password)
    if settings.livy is not None:
        found |= {settings.livy.password, settings.livy.storage_password}
    return found


def hosts_of(settings: TargetSettings) -> set[str]:
    """Return the hosts that a target's settings name, where that tells something."""
    found: set[str] = set()
    if settings.ssh is not None:
        found |= {access.host for access in (settings.ssh, *settings.ssh.jumps)}
    if settings.container is not None:
        registry = settings.container.image.partition("/")[0]
        found |= {registry.partition(":")[0]} if "." in registry and "/" in settings.container.image else set()
    if settings.cluster is not None:
        masters = settings.cluster.master.removeprefix("spark://").split(",")
        found |= {master.rpartition(":")[0] for master in masters}
        found |= {node.rpartition("@")[2].partition(":")[0] for node in settings.cluster.nodes}
        found.add(urlsplit(settings.cluster.storage_uri).hostname or "")
    if settings.livy is not None:
        urls = (settings.livy.url, settings.livy.storage_uri, settings.work_folder)
        found |= {urlsplit(url).hostname or "" for url in urls if "://" in url}
    return worth_hiding(found)


def worth_hiding(hosts: Iterable[str]) -> set[str]:
    """Return the names among hosts that tell something; a job that never ran has told none."""
    return {host for host in hosts if len(host) >= LEAST_LETTERS} - {"localhost", "127.0.0.1"}


def names_of(settings: TargetSettings) -> set[str]:
    """Return the accounts that a target's settings name, and the target's own name."""
    found = {settings.name}
    if settings.ssh is not None:
        found |= {access.username for access in (settings.ssh, *settings.ssh.jumps)}
    if settings.container is not None and settings.container.login is not None:
        found.add(settings.container.login.username)
    if settings.cluster is not None:
        found |= {settings.cluster.principal, settings.cluster.keytab}
    if settings.livy is not None:
        livy = settings.livy
        found |= {livy.username, livy.storage_username, livy.proxy_user}
    return {name for name in found if len(name) >= LEAST_LETTERS} - {settings.kind}
