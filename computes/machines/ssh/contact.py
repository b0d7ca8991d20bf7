"""The check of the way to a host, step by step: each timed, each with a remedy; it ends where nobody can go on."""

import time
from collections.abc import Callable, Generator
from functools import partial

from computes.contract import CheckItem, SshAccess
from computes.errors import NoPython, TargetUnreachable
from computes.machines.ssh.agent import Agent
from computes.machines.ssh.channels import start_agent
from computes.machines.ssh.connection import Connection
from computes.machines.ssh.host_keys import fingerprint, line_of
from computes.machines.ssh.sockets import addresses_of, open_socket, open_through

MOST_SKEW_SECONDS = 5.0
ANSWER_SECONDS = 15.0
SKEW_REMEDY = "Let the host keep its clock right: sudo timedatectl set-ntp true"
Step = tuple[str, Callable[[], str]]


def check_contact(access: SshAccess) -> Generator[CheckItem, None, bool]:
    """Yield each step of the way, over a connection of its own; return whether commands can be run at its end."""
    way = Way(access)
    try:
        for name, step in way.steps():
            began = time.monotonic()
            detail, remedy = "", ""
            try:
                detail = step()
            except TargetUnreachable as error:
                detail, remedy = error.text, error.remedy
            yield CheckItem(name, not remedy, detail, remedy, round((time.monotonic() - began) * 1000, 1))
            if remedy:
                return False
        yield way.clock()
    finally:
        way.connection.close()
    return True


class Way:
    """The way to one host, as far as it has been gone. Each step says what it found, or raises TargetUnreachable."""

    def __init__(self, access: SshAccess) -> None:
        self.access = access
        self.connection = Connection()
        self.agent: Agent | None = None
        self.missing: NoPython | None = None

    def steps(self) -> list[Step]:
        """Return the steps in their order."""
        steps: list[Step] = [(f"Jump host {hop.host}", partial(self.jump, hop)) for hop in self.access.jumps]
        if not self.access.jumps:
            steps.append(("Name", self.resolve))
        steps += [("Connection", self.reach), ("Host key", self.recognize), ("Login", self.log_in)]
        return [*steps, ("Shell", self.start), ("Python for the supervisor", self.python)]

    def jump(self, hop: SshAccess) -> str:
        """Pass a jump host."""
        self.connection.advance(hop)
        return f"Its key is approved, and {hop.username} may log in."

    def resolve(self) -> str:
        """Find the address."""
        found = dict.fromkeys(str(address[0]) for _, address in addresses_of(self.access))
        return f"{self.access.host} is {', '.join(list(found)[:4])}."

    def reach(self) -> str:
        """Connect, and hang up again: whoever is there has not shown its key yet."""
        if self.connection.transports:
            open_through(self.connection.transport, self.access).close()
            return f"Port {self.access.port} answers, through the jump host."
        open_socket(self.access, addresses_of(self.access)).close()
        return f"Port {self.access.port} answers."

    def recognize(self) -> str:
        """Ask for the host's key."""
        self.connection.recognize(self.access)
        line = line_of(self.connection.transport.get_remote_server_key())
        return f"The host shows the approved key {fingerprint(line)} ({line.split()[0]})."

    def log_in(self) -> str:
        """Log in."""
        self.connection.log_in(self.access)
        return f"{self.access.username} may log in with the {'key' if self.access.private_key else 'password'}."

    def start(self) -> str:
        """Run a command."""
        try:
            self.agent, greeting = start_agent(self.connection.transport, self.access.python_folder)
        except NoPython as error:
            self.missing = error
            return "Commands run."
        if greeting.chatter:
            return f"Commands run. The shell prints before them, which does no harm: {greeting.chatter[:200]!r}."
        return "Commands run."

    def hello(self) -> dict[str, object]:
        """Ask the supervisor who it is."""
        assert self.agent is not None
        return self.agent.ask({"deed": "hello"}, seconds=ANSWER_SECONDS)[0]

    def python(self) -> str:
        """See which Python was found."""
        if self.missing is not None:
            raise self.missing
        said = self.hello()
        version, interpreter = said["version"], str(said["interpreter"])
        assert isinstance(version, list)
        folder = self.access.python_folder.removeprefix("~")
        is_ours = folder and f"{folder}/" in interpreter
        brought = ", which amlweb has brought: the host has none" if is_ours else ""
        return f"Python {'.'.join(map(str, version))} at {interpreter}{brought}."

    def clock(self) -> CheckItem:
        """Compare the clocks. Wrong clocks make times hard to read, and do no other harm."""
        began, before = time.monotonic(), time.time()
        there = float(str(self.hello()["time"]))
        skew = there - (before + time.time()) / 2
        is_right = abs(skew) <= MOST_SKEW_SECONDS
        direction = "ahead of" if skew > 0 else "behind"
        detail = f"The host's clock is {abs(skew):.1f} s {direction} the server's." if not is_right else "They agree."
        milliseconds = round((time.monotonic() - began) * 1000, 1)
        return CheckItem("Clock", is_right, detail, "" if is_right else SKEW_REMEDY, milliseconds)
