"""What Spark prints of an application into the run's log.

Spark's own masters: seen with Spark 4.3. YARN: never run, written from the sources of Spark's `Client.scala`.
"""

import re

HEAD_BYTES = 4 << 20
TAIL_BYTES = 64 << 10
CONNECTED = re.compile(rb"Connected to Spark cluster with app ID (app-\d{14}-\d{4,})")
SUBMITTED = re.compile(rb"(?:Submitted application|Application report for) (application_\d+_\d+)")
PAGES = re.compile(rb"Successfully started service 'SparkUI' on port (\d+)")
REPORT = re.compile(rb"Application report for (application_\d+_\d+) \(state: (\w+)\)")
DIAGNOSTICS = re.compile(rb"^\s*diagnostics: (.+)$", re.MULTILINE)
LONGEST_DIAGNOSTICS = 300


class LogSigns:
    """What a growing log has said so far. The ids are in its first 4 MiB, the state near its end."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.offset = 0
        self.application = ""
        self.port = 0
        self.state = ""
        self.why = ""

    def read(self) -> None:
        """Take in what is new. Raises OSError."""
        with open(self.path, "rb") as file:
            if self.offset < HEAD_BYTES:
                file.seek(self.offset)
                data = file.read(HEAD_BYTES - self.offset)
                whole = data.rfind(b"\n") + 1
                self.offset += whole
                self.take_head(data[:whole])
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            self.take_tail(file.read(TAIL_BYTES))

    def take_head(self, data: bytes) -> None:
        """Look for the application's id and the port of the driver's pages, the first of each."""
        for pattern in (CONNECTED, SUBMITTED):
            found = pattern.search(data)
            if found and not self.application:
                self.application = found.group(1).decode()
        page = PAGES.search(data)
        if page and not self.port:
            self.port = int(page.group(1))

    def take_tail(self, data: bytes) -> None:
        """Look for YARN's latest word."""
        reports = list(REPORT.finditer(data))
        if not reports or reports[-1].group(1).decode() != self.application:
            return
        self.state = reports[-1].group(2).decode()
        for why in DIAGNOSTICS.finditer(data):
            said = why.group(1).decode("utf-8", "replace").strip()
            self.why = "" if said == "N/A" else said[:LONGEST_DIAGNOSTICS]
