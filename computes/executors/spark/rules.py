"""Which of a project's Spark properties count on which kind of target."""

from collections.abc import Mapping
from dataclasses import dataclass

FAMILY = "spark."
MASTER = "spark.master"
CREDENTIALS = frozenset(
    {"spark.kerberos.keytab", "spark.kerberos.principal", "spark.yarn.keytab", "spark.yarn.principal"}
)
PYTHONS = frozenset({"spark.pyspark.python", "spark.pyspark.driver.python"})


@dataclass(frozen=True, slots=True)
class Rules:
    """`master` is where applications go, unless the project names one that begins with one of `masters`. `left_out` are
    properties that we set ourselves, or that mean nothing here."""

    master: str
    masters: tuple[str, ...]
    left_out: frozenset[str]

    def counts(self, name: str, value: str) -> bool:
        """Return whether a property is handed to Spark."""
        if not name.startswith(FAMILY) or name in self.left_out:
            return False
        return name != MASTER or value.startswith(self.masters)


BESIDE_THE_SCRIPT = Rules(
    master="local[*]", masters=("local",), left_out=PYTHONS | {"spark.local.dir", "spark.submit.deployMode"}
)

ON_A_CLUSTER = Rules(
    master="yarn",
    masters=(),
    left_out=PYTHONS | CREDENTIALS | {"spark.app.name", "spark.submit.deployMode", "spark.ui.port", "spark.yarn.queue"},
)

LIVYS_OWN = frozenset({"spark.app.name", MASTER, "spark.submit.deployMode"})

# spark-submit runs under Livy's account: with a keytab of that host a project would be somebody else.
BEHIND_LIVY = Rules(master="yarn", masters=(), left_out=LIVYS_OWN | CREDENTIALS)

RULES: Mapping[str, Rules] = {
    "local": BESIDE_THE_SCRIPT,
    "docker": BESIDE_THE_SCRIPT,
    "remote": BESIDE_THE_SCRIPT,
    "remotedocker": BESIDE_THE_SCRIPT,
    "cluster": ON_A_CLUSTER,
    "livy": BEHIND_LIVY,
}


def left_out_on(kind: str, configuration: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of a project's properties that have no effect on a kind of target."""
    rules = rules_of(kind)
    return tuple(name for name, value in configuration.items() if not rules.counts(name, value))


def rules_of(kind: str) -> Rules:
    """Return the rules of a kind of target, one without aliases. Raises KeyError for one that runs no PySpark."""
    return RULES[kind]
