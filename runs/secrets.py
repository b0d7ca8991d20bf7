"""The secret variables of a run: sealed in the database, in clear only on their way to the program."""

from collections.abc import Mapping

from projects.secret_box import seal, unseal
from runs.models import Run, SecretVariable


def keep_secrets(run: Run, secrets: Mapping[str, str]) -> None:
    """Seal the secret variables of a new run."""
    SecretVariable.objects.bulk_create(
        SecretVariable(run=run, name=name, sealed_value=seal("run", run.id.hex, name, value))
        for name, value in secrets.items()
    )


def secrets_of(run: Run) -> dict[str, str]:
    """Return the secret variables of a run in clear. Raises SealBroken when the keys are gone."""
    rows = run.secret_variables.all()
    return {row.name: unseal("run", run.id.hex, row.name, row.sealed_value) for row in rows}
