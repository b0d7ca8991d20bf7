"""The courier: while the script runs, what it leaves on the local disk goes to the shared storage, and a cancel comes
the other way. A storage that does not answer for a while harms nothing; the script never waits for it."""

import json
import os
import time

from ..in_run.amlweb_cluster.beats import beat_name, latest_beat, latest_name
from ..in_run.amlweb_cluster.masking import Masker
from .layout import CANCEL, ENVIRONMENT, EXIT, FILES, LOG, SECRETS, part_in
from .outputs import send_outputs
from .progress import Progress
from .shipping import Parts, Shipment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict

    from .local_files import LocalFiles
    from .storage import Storage

TICK_SECONDS = 0.1
ROUND_SECONDS = 2.0
BEAT_SECONDS = 5.0
RETRY_SECONDS = 600.0


class Courier:
    """Carries the streams of one run. `intro_bytes` of the system log are there already, written by the server."""

    def __init__(
        self, storage: "Storage", folder: str, files: "LocalFiles", spec: "Dict[str, Any]", secrets: "Dict[str, str]"
    ) -> None:
        self.storage = storage
        self.folder = folder
        self.files = files
        self.outputs = spec["outputs"]
        self.has_secrets = bool(secrets)
        self.said = ""
        self.progress = Progress()
        self.last_beat = latest_name(storage.names(folder))
        self.beat_at = 0.0
        number, sent = self.found_parts()
        self.is_first = number == 0
        parts = Parts(storage, folder, files.scratch, number)
        masker = Masker(secrets.values())
        most = 2 * int(spec["log_cap_bytes"])
        sent["system"] = max(sent["system"], int(spec["intro_bytes"]))
        self.shipments = [
            Shipment(stream, files.file(name), parts, masker, sent[stream], most) for stream, name in FILES.items()
        ]

    def found_parts(self) -> "tuple[int, Dict[str, int]]":
        """Return how many parts an earlier attempt has sent, and where each stream goes on."""
        number = 0
        ends = dict.fromkeys(FILES, 0)
        for bucket in self.storage.names("%s/parts" % self.folder):
            for name in self.storage.names("%s/parts/%s" % (self.folder, bucket)):
                part = part_in(name)
                if part is not None:
                    number += 1
                    ends[part[0]] = max(ends[part[0]], part[1] + part[2])
        return number, ends

    def beat(self) -> None:
        """Give a sign of life that tells of the progress, at most every few seconds; and remove secrets that a launch
        has placed again, which came too late. Raises OSError."""
        now = time.monotonic()
        before = self.last_beat
        if before and now - self.beat_at < BEAT_SECONDS:
            return
        name = beat_name(latest_beat([before]) + 1, self.progress.latest)
        self.storage.claim("%s/%s" % (self.folder, name), b"")
        self.last_beat, self.beat_at = name, now
        if before:
            self.storage.remove("%s/%s" % (self.folder, before))
        if self.has_secrets:
            self.storage.remove("%s/%s" % (self.folder, SECRETS))

    def round(self, on_cancel: "Callable[[bytes], None]") -> None:
        """Carry what is new and look for a cancel. Trouble with the storage is noted, and tried again next time."""
        try:
            self.beat()
            for shipment in self.shipments:
                shipment.advance(False, self.beat)
            cancel = self.storage.read("%s/%s" % (self.folder, CANCEL))
        except OSError as error:
            self.note_trouble(error)
            return
        self.said = ""
        if cancel is not None:
            on_cancel(cancel)

    def note_trouble(self, error: OSError) -> None:
        """Say once what is wrong with the storage."""
        text = "the shared storage does not take what the script writes: %s" % error
        if text != self.said:
            self.said = text
            self.files.note(text)

    def finish(self, record: "Dict[str, Any]", environment: bytes) -> bool:
        """Carry the rest, the outputs and last the exit record; False when the storage took it not in 10 minutes."""
        deadline = time.monotonic() + RETRY_SECONDS
        pause = 0.5
        while True:
            try:
                self.carry_rest(record, environment)
                return True
            except OSError as error:
                self.note_trouble(error)
                if time.monotonic() >= deadline:
                    return False
                time.sleep(pause)
                pause = min(2 * pause, 10.0)

    def carry_rest(self, record: "Dict[str, Any]", environment: bytes) -> None:
        """Do it once. Raises OSError; all of it can be done again."""
        self.beat()
        for shipment in self.shipments:
            shipment.advance(True, self.beat)
        if environment:
            self.place(ENVIRONMENT, environment)
        top = os.path.join(self.files.run_folder, "code", "outputs")
        send_outputs(self.storage, self.folder, top, self.files.scratch, self.outputs, self.beat)
        log = next(shipment for shipment in self.shipments if shipment.stream == LOG)
        facts = dict(record, log_bytes=log.sent, log_crc32=log.crc32 if self.is_first else None)
        self.place(EXIT, json.dumps(facts).encode("ascii"))

    def place(self, name: str, data: bytes) -> None:
        """Place a small file once."""
        if not self.storage.exists("%s/%s" % (self.folder, name)):
            local = os.path.join(self.files.scratch, "small")
            with open(local, "wb") as file:
                file.write(data)
            self.storage.place(local, "%s/%s" % (self.folder, name))
