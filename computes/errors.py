"""The errors of targets and of our work on them. A script that fails is not an error here.

TargetError                 we or the target failed: a sentence and a remedy for the user
├── StartFailed             the program could not be started
│   └── InterpreterNotFound the configured interpreter is not there or cannot be executed
├── StartRefused            a tombstone says that this run was ended before it started
├── TransferFailed          the code could not be placed on the target
├── PreparationFailed       the environment could not be made ready
│   ├── EnvironmentGone     the environment that was made ready is not on the target any more
│   └── ImageMissing        the image has to be pulled first, which takes its time
├── CollectionFailed        the outputs could not be brought back
├── TargetDiskFull          no space left on the target
└── TargetUnreachable       no contact; says nothing about the run
    ├── NoPython            the host lets us in, and has no Python that the supervisor could run on
    ├── HostKeyUnknown      no key of this host was approved yet, so nothing was sent to it
    ├── HostKeyChanged      the host shows another key than the approved ones, so nothing was sent to it
    ├── LoginRefused        the host is the right one, but does not let us in
    └── KeyUnreadable       a private key is damaged, locked by a passphrase or of a kind that is not used
"""


class TargetError(Exception):
    """We or the target failed. `text` says what happened, `remedy` what to do; both are shown to the user."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.text = text
        self.remedy = remedy

    @property
    def in_full(self) -> str:
        """Text and remedy, one after the other."""
        return sentences(self.text, self.remedy)


def sentences(*texts: str) -> str:
    """Return texts one after the other; the words of other programs, which need not end as sentences do, are ended."""
    texts = tuple(text.strip() for text in texts)
    ended = [text if text.endswith((".", "!", "?", ":", "…")) else f"{text}." for text in texts if text]
    return " ".join(ended)


class StartFailed(TargetError):
    """The program could not be started on the target."""


class InterpreterNotFound(StartFailed):
    """The configured interpreter is not there or cannot be executed."""


class StartRefused(TargetError):
    """This run was ended or cleaned up on the target before; it must not start again."""


class TransferFailed(TargetError):
    """The code could not be placed on the target."""


class PreparationFailed(TargetError):
    """The environment could not be made ready."""


class EnvironmentGone(PreparationFailed):
    """The environment that was made ready for a run is not on the target any more; it must be built again."""


class ImageMissing(PreparationFailed):
    """The image of a container is not on the target; it has to be pulled before the run can start."""


class CollectionFailed(TargetError):
    """The outputs could not be brought back."""


class TargetDiskFull(TargetError):
    """No space is left on the target."""


class TargetUnreachable(TargetError):
    """The target does not answer. This says nothing about the run."""


class NoPython(TargetUnreachable):
    """The host lets us in, and has no Python that the supervisor could run on."""


class HostKeyUnknown(TargetUnreachable):
    """No key of this host was approved yet. Nothing was sent to it."""


class HostKeyChanged(TargetUnreachable):
    """The host shows another key than the approved ones. Nothing was sent to it.

    `approved` and `shown` are SHA256 fingerprints; `shown` is empty when the host shows no key of a known type.
    """

    def __init__(self, text: str, remedy: str, approved: tuple[str, ...], shown: str) -> None:
        super().__init__(text, remedy)
        self.approved = approved
        self.shown = shown


class LoginRefused(TargetUnreachable):
    """The host is the right one, but does not let us in."""


class KeyUnreadable(TargetUnreachable):
    """A private key is damaged, locked by a passphrase, or of a kind that is not used."""
