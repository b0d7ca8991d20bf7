"""Recording what happened to a run."""

from django.contrib.auth.models import User

from runs.models import Run, RunEvent


def record(run: Run, kind: str, text: str, actor: User | None = None) -> RunEvent:
    """Add a row to the run's history. State changes are recorded by `transitions.move`."""
    return RunEvent.objects.create(run=run, kind=kind, text=text, actor=actor)
