"""How a long piece of work is told to stop."""

from collections.abc import Callable

from computes.errors import PreparationFailed

ShouldStop = Callable[[], bool]


class PreparationStopped(PreparationFailed):
    """Somebody asked for the end of the work; nothing is wrong."""

    def __init__(self) -> None:
        super().__init__("The preparation was canceled.", "Prepare the environment again when it is wanted.")


def never() -> bool:
    """The answer of those who never stop the work."""
    return False


def ask(should_stop: ShouldStop) -> None:
    """Raise PreparationStopped when the work is to stop."""
    if should_stop():
        raise PreparationStopped
