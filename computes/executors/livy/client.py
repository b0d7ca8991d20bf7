"""Livy's REST interface, as far as batches need it.

By the public description (livy.apache.org/docs/latest/rest-api.html) and the behaviour of Livy 0.7 and 0.8: a batch can
be asked for by number; names are unique among the batches that Livy remembers; a batch that has ended is forgotten
after `livy.server.session.state-retain.sec`, one that was deleted at once.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from computes.contract import LivySettings
from computes.errors import TargetUnreachable
from computes.executors.livy.answers import no_livy, refusal
from computes.executors.livy.batch import Batch, batch_in, plain_line
from computes.executors.plain_text import plain
from computes.shared_storage.http import DEADLINE_SECONDS, SILENCE_SECONDS, HttpClient
from computes.shared_storage.http_answer import Answer, HttpAccess

HEADERS = {"X-Requested-By": "amlweb", "Accept": "application/json", "Content-Type": "application/json"}
PAGE = 100
MOST_PAGES = 100
T = TypeVar("T")


class LivyClient:
    """One Livy. What fails raises TargetError; TargetUnreachable means that nothing is known."""

    def __init__(self, settings: LivySettings, silence_seconds: float = SILENCE_SECONDS) -> None:
        self.access = HttpAccess("Livy", settings.url, settings.username, settings.password, settings.ca_bundle)
        self.http = HttpClient(self.access, silence_seconds)
        self.deadline_seconds = DEADLINE_SECONDS
        self.rests_until = 0.0  # by the monotonic clock: before that, nothing is asked that can wait

    def submit(self, body: Mapping[str, Any]) -> Batch:
        """Start a batch. Raises NameTaken where an earlier request has arrived, and StartFailed for a refusal."""
        answer = self.ask("POST", "/batches", body=json.dumps(body).encode("ascii"))
        if answer.status not in (200, 201):
            raise refusal(self.access, answer)
        return self.read(answer, batch_in)

    def batch(self, number: int) -> Batch | None:
        """Return a batch, None when Livy does not know it."""
        answer = self.ask("GET", f"/batches/{number}")
        return None if self.is_missing(answer) else self.read(answer, batch_in)

    def find(self, name: str) -> Batch | None:
        """Return the batch of a name, None when there is none among those that Livy remembers."""
        for page in range(MOST_PAGES):
            answer = self.ask("GET", "/batches", {"from": str(page * PAGE), "size": str(PAGE)})
            listed = self.read(answer, sessions_in)
            for batch in listed:
                if batch.name == name:
                    return batch
            if len(listed) < PAGE:
                return None
        return None

    def count(self) -> int:
        """Return how many batches Livy remembers: the smallest question that shows that it is Livy."""
        answer = self.ask("GET", "/batches", {"from": "0", "size": "1"})
        return self.read(answer, lambda found: int(found["total"]) + 0 * len(found["sessions"]))

    def version(self) -> str:
        """Return Livy's version; empty where it does not say."""
        answer = self.ask("GET", "/version")
        try:
            return plain(answer.json()["version"]) if answer.status == 200 else ""
        except (ValueError, LookupError, TypeError):
            return ""

    def log(self, number: int, most_lines: int) -> list[str]:
        """Return the last lines of what Livy heard from spark-submit and YARN; nothing of a batch it does not know."""
        answer = self.ask("GET", f"/batches/{number}/log", {"from": "-1", "size": str(most_lines)})
        return [] if self.is_missing(answer) else self.read(answer, lines_in)

    def delete(self, number: int) -> bool:
        """Have a batch killed and forgotten; False when Livy does not know it."""
        answer = self.ask("DELETE", f"/batches/{number}")
        if self.is_missing(answer):
            return False
        if answer.status not in (200, 202, 204):
            raise refusal(self.access, answer)
        return True

    def ask(
        self, method: str, path: str, parameters: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Return Livy's answer."""
        address = self.access.address.rstrip("/") + path
        deadline = self.deadline_seconds
        return self.http.ask(
            method, address, parameters=parameters, headers=HEADERS, body=body, deadline_seconds=deadline
        )

    def is_missing(self, answer: Answer) -> bool:
        """Whether Livy itself says that it does not know a batch; another 404 comes from what stands before it."""
        if answer.status != 404:
            return False
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict) or "msg" not in found:
            raise no_livy(self.access, answer)
        return True

    def read(self, answer: Answer, reader: Callable[[Any], T]) -> T:
        """Return what an answer says. Raises TargetUnreachable for one that Livy does not give."""
        if answer.status not in (200, 201):
            raise no_livy(self.access, answer)
        try:
            return reader(answer.json())
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise (no_livy(self.access, answer) if answer.is_page() else unreadable(answer)) from error


def sessions_in(found: Any) -> list[Batch]:
    """Return the batches of a page."""
    return [batch_in(entry) for entry in list(found["sessions"])]


def lines_in(found: Any) -> list[str]:
    """Return the lines of a log."""
    return [plain_line(line) for line in list(found["log"])]


def unreadable(answer: Answer) -> TargetUnreachable:
    """Return the error for JSON that is none, or not Livy's."""
    return TargetUnreachable(
        f"Livy gave an answer that cannot be read: {answer.words()[:200]}",
        "It is asked again by itself; compare the address if it stays so.",
    )
