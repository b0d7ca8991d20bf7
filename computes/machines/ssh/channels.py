"""Opening a channel on a connection and starting the supervisor behind it."""

import paramiko

from computes.errors import TargetUnreachable
from computes.machines.ssh.agent import Agent, ContactLost
from computes.machines.ssh.bootstrap import COMMAND, Greeting, greet

OPEN_SECONDS = 15.0


def start_agent(transport: paramiko.Transport) -> tuple[Agent, Greeting]:
    """Return a supervisor that serves. Raises ContactLost, and TargetUnreachable when the host refuses a channel."""
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
        channel.exec_command(COMMAND)
    except (paramiko.SSHException, EOFError, OSError) as error:
        channel.close()
        raise ContactLost("The host started no command: it does not answer any more.", is_late=False) from error
    return greet(channel)
