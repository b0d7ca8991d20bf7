"""The address that the web process will listen on."""

import errno
import socket

from amlweb.preparing.refusal import CannotStart


def refuse_taken_address(host: str, port: int) -> None:
    """Raise CannotStart when the host or the port cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {port} on {host} is in use by another program.\n"
                f"End that program, or choose another port: make run AMLWEB_PORT={port + 1}"
            ) from problem
        raise CannotStart(
            f"The server cannot listen on {host}, port {port}: {problem.strerror or problem}.\n"
            "Set AMLWEB_HOST and AMLWEB_PORT to an address of this machine."
        ) from problem
