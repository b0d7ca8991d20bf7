"""Opening a channel on a connection and starting the supervisor behind it."""

import paramiko

from computes.errors import TargetUnreachable
from computes.machines.ssh.agent import Agent, ContactLost
from computes.machines.ssh.bootstrap import COMMAND, Greeting, greet, line_for_shell

OPEN_SECONDS = 15.0


def start_agent(transport: paramiko.Transport, python_folder: str) -> tuple[Agent, Greeting]:
    """Return a supervisor that serves, on a Python in this folder where the host has no other. Raises ContactLost,
    NoPython, and TargetUnreachable when the host refuses a channel."""
    channel = open_channel(transport, COMMAND)
    with Agent(channel).within(OPEN_SECONDS):
        channel.sendall(line_for_shell(python_folder))
    return greet(channel)


def open_channel(transport: paramiko.Transport, command: str) -> paramiko.Channel:
    """Return a channel on which a command was started. Raises ContactLost, and TargetUnreachable when the host refuses
    a channel."""
    try:
        channel = transport.open_session(timeout=OPEN_SECONDS)
    except paramiko.ChannelException as error:
        raise TargetUnreachable(
            f"The host opens no further channel on our connection ({error.text or error.code}).",
            "Set MaxSessions 10 in the host's sshd_config and restart sshd: sudo systemctl restart ssh",
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        is_late = "timeout" in str(error).lower()
        raise ContactLost("The host opened no channel: it does not answer any more.", is_late) from error
    try:
        channel.settimeout(OPEN_SECONDS)
        channel.exec_command(command)
    except (paramiko.SSHException, EOFError, OSError) as error:
        channel.close()
        raise ContactLost("The host started no command: it does not answer any more.", is_late=False) from error
    return channel
