"""From the channels of a spec to addresses, by the installation's alias and map."""

import re
from dataclasses import dataclass

from computes.environments.contract import EnvironmentSpec, LogLine, PackageSources

WITHOUT_MAP = {"defaults": ("main", "r")}
NO_DEFAULTS = "nodefaults"
WHO_SAYS_SO = "an administrator can change that in the settings of the package sources."

_OF_CHANNEL = re.compile(r"(?P<channel>https?://[^\s\[]+?|[A-Za-z0-9_./-]+)::(?P<rest>.+)")
_SUBDIR = re.compile(r"(?P<channel>.+)(?P<subdir>/(?:noarch|(?:linux|osx|win|freebsd|zos|emscripten|wasi)-[a-z0-9]+))")
_IN_BRACKETS = re.compile(
    r"""(?P<key>\[(?:[^\[\]]*,)?\s*channel\s*=\s*)(?P<quote>["']?)(?P<channel>[^"',\]\s]+)(?P=quote)"""
)


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """The addresses to look at, the first one first, and the specs with their own channels as addresses."""

    channels: tuple[str, ...]
    specs: tuple[str, ...]


def plan_channels(spec: EnvironmentSpec, sources: PackageSources, log: LogLine) -> ChannelPlan:
    """Return where to look, and say in the log what a name stands for where that is not obvious.

    A spec's own channel (`conda-forge::numpy`, `conda-forge/noarch::numpy`, `numpy[channel=conda-forge]`) is looked at
    last unless it is listed.
    """
    names = [name for name in spec.channels if name != NO_DEFAULTS]
    if not names:
        log("No channel is named, so `defaults` is used.")
        names = ["defaults"]
    channels = [address for name in names for address in addresses_of(name, sources, log)]
    specs = []
    for text in spec.conda:
        if found := _OF_CHANNEL.fullmatch(text):
            parts = _SUBDIR.fullmatch(found["channel"])
            own = addresses_of(parts["channel"] if parts else found["channel"], sources, log)
            channels.extend(own)
            subdir = parts["subdir"] if parts else ""
            text = f"{own[0]}{subdir}::{found['rest']}" if len(own) == 1 else found["rest"]
        elif found := _IN_BRACKETS.search(text):
            own = addresses_of(found["channel"], sources, log)
            channels.extend(own)
            text = f'{text[: found.start()]}{found["key"]}"{own[0]}"{text[found.end() :]}'
        specs.append(text)
    return ChannelPlan(tuple(dict.fromkeys(channels)), tuple(specs))


def stands_for(spec: EnvironmentSpec, sources: PackageSources, error: str) -> str:
    """Return a line to add to an error for each address in it that a channel's name stands for, and no file names."""
    found = []
    for name in [each for each in spec.channels if each != NO_DEFAULTS] or ["defaults"]:
        if name in sources.channel_map or name in WITHOUT_MAP:
            named = [address for address in addresses_of(name, sources, lambda line: None) if address in error]
            found += [f"\nThe channel {name} stands for {address} here: {WHO_SAYS_SO}" for address in named]
    return "".join(found)


def where_channels_asked(spec: EnvironmentSpec, sources: PackageSources, error: str) -> str:
    """Return a line to add to an error for each channel of the project's file whose address is in it."""
    found = []
    for name in spec.channels:
        addresses = () if name == NO_DEFAULTS else addresses_of(name, sources, lambda line: None)
        if name in spec.lines and any(f"{address}/" in error for address in addresses):
            found.append(f"\nAsked for in {spec.source}, line {spec.lines[name]}: {name}")
    return "".join(found)


def addresses_of(name: str, sources: PackageSources, log: LogLine) -> tuple[str, ...]:
    """Return the addresses that a channel's name stands for. An address stands for itself."""
    if name in sources.channel_map:
        found = tuple(_address(each, sources) for each in sources.channel_map[name])
        log(f"Channel {name} stands for {', '.join(found)} (settings of the package sources).")
    elif name in WITHOUT_MAP:
        found = tuple(_address(each, sources) for each in WITHOUT_MAP[name])
        log(f"Channel {name} is not one channel: it stands for {', '.join(found)}.")
    else:
        found = (_address(name, sources),)
    return found


def _address(name: str, sources: PackageSources) -> str:
    return name.rstrip("/") if "://" in name else f"{sources.channel_alias.rstrip('/')}/{name}"
