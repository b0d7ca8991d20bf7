"""Following one run: its log, its system log and its metrics, from the target to the server."""

import time

from django.conf import settings

from computes.contract import Executor, RunAddress, RunFolderStatus, Stream
from projects.secret_box import SealBroken
from runs.application_notes import ApplicationNotes
from runs.copying import CopyState, StreamCopy
from runs.events import record
from runs.line_index import forget_lines
from runs.masking import Masker
from runs.metrics import ingest
from runs.models import Run
from runs.secrets import secrets_of

PAUSE_SECONDS = 0.05
MOST_SYSTEM_LOG_BYTES = 16 * 1024 * 1024  # ours has some lines; but the script can write there, too


class Follower:
    """Brings the server's copies of one run up to what a look at the target said is there."""

    def __init__(self, run: Run, executor: Executor, address: RunAddress) -> None:
        self.run = run
        self.is_blind = False
        self.application = ApplicationNotes()
        self.executor = executor
        self.address = address
        masker = self.masker = self.masker_of(run)
        self.log = StreamCopy(executor, address, Stream.LOG, run.folder / "log", masker)
        self.system_log = StreamCopy(executor, address, Stream.SYSTEM, run.folder / "system.log", masker)

    def masker_of(self, run: Run) -> Masker:
        """Return what masks the run's secrets. Where their keys are gone nothing may be copied, and the run says so."""
        try:
            secrets = secrets_of(run).values() if run.configuration["secret_names"] else ()
        except SealBroken as error:
            self.is_blind = True
            text = f"The log and the metrics cannot be masked, so they are not copied. {error}"
            if not run.events.filter(kind="log", text=text).exists():
                record(run, "log", text)
            return Masker(())
        return Masker(secrets)

    def advance(self, status: RunFolderStatus, *, is_final: bool) -> None:
        """Copy what is new and note what a cluster says; with `is_final` the whole log. Of metrics one batch is stored,
        see `ingest_rest`.

        A script can make its files any size at once, with holes; no copy grows beyond what a run may have.
        """
        if status.application is not None:
            self.application.take(self.run, status.application, is_final=is_final)
        if self.is_blind:
            return
        if not self.run.log_is_linked:
            log_bytes = min(status.log_bytes, 2 * settings.LOG_CAP_BYTES)
            restarted = self.log.advance(log_bytes, is_final=is_final)
            while is_final and self.log.state.offset < log_bytes:
                before = self.log.state.offset
                self.log.advance(log_bytes, is_final=True)
                if self.log.state.offset == before:
                    break
            if restarted:
                record(self.run, "log", "The script truncated its log; the copy begins anew.")
        self.system_log.advance(min(status.system_bytes, MOST_SYSTEM_LOG_BYTES), is_final=is_final)
        ingest(self.run, self.executor, self.address, status.metrics_bytes, self.masker)

    def repair(self, status: RunFolderStatus) -> None:
        """Copy the log once more where it is of the right size and has other bytes than the target tells of."""
        if self.is_blind or self.log.state.offset != status.log_bytes or self.is_complete(status):
            return
        record(self.run, "log", "The copy of the log was not what is on the target; it was made once more.")
        self.log.state = CopyState()
        self.advance(status, is_final=True)
        forget_lines(self.log.into)

    def ingest_rest(self, status: RunFolderStatus) -> None:
        """Store all metrics that are there, however many, and let others write to the database in between."""
        where = (self.run, self.executor, self.address)
        while not self.is_blind and ingest(*where, status.metrics_bytes, self.masker, is_final=True):
            time.sleep(PAUSE_SECONDS)

    def is_complete(self, status: RunFolderStatus) -> bool:
        """Return whether the server has the whole log, by size and, where it is known, by checksum."""
        if self.run.log_is_linked:
            return True
        if self.is_blind or self.log.state.offset != status.log_bytes:
            return False
        crc32 = status.exit.log_crc32 if status.exit else None
        return crc32 is None or crc32 == self.log.state.crc32
