"""Running a cluster's commands with a Kerberos ticket of their own, where the target has a keytab.

Spark uses the keytab by itself; `hdfs` and `yarn` want a ticket. It is in a folder that is gone with the command.
"""

from computes.contract import TargetSettings
from computes.machines.contract import CommandResult, Machine

WITH_TICKET = """
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
export KRB5CCNAME="FILE:$folder/ticket"
if ! said=$(kinit -k -t "$1" "$2" 2>&1 </dev/null); then
  printf 'kinit gives no ticket: %s\\n' "$(printf %s "$said" | tail -n 1)" >&2
  exit 1
fi
shift 2
"$@"
"""


def run_with_ticket(machine: Machine, settings: TargetSettings, argv: list[str], seconds: float) -> CommandResult:
    """Return how a command of the cluster's ends that is given the target's variables. Raises TargetUnreachable."""
    cluster = settings.cluster
    assert cluster is not None
    environment = {**machine.environment(), **settings.environment}
    if cluster.keytab:
        argv = ["/bin/sh", "-c", WITH_TICKET, "sh", machine.expand(cluster.keytab), cluster.principal, *argv]
    return machine.run(argv, environment=environment, deadline_seconds=seconds)
