"""Which ports of this machine a process listens on, as the kernel shows it."""

import os

LISTENING = "0A"
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def listening_ports(pid: int) -> "set[int]":
    """Return the TCP ports that a process of this account listens on; none when it is gone."""
    sockets = sockets_of(pid)
    found = set()
    for table in TABLES:
        try:
            with open(table) as file:
                lines = file.readlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTENING and fields[9] in sockets:
                found.add(int(fields[1].rsplit(":", 1)[1], 16))
    return found


def sockets_of(pid: int) -> "set[str]":
    """Return the numbers of the sockets that a process has open."""
    folder = "/proc/%d/fd" % pid
    found = set()  # type: set[str]
    try:
        names = os.listdir(folder)
    except OSError:
        return found
    for name in names:
        try:
            target = os.readlink(os.path.join(folder, name))
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found
