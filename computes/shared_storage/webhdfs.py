"""The shared storage behind WebHDFS: the name node says to which data node contents go, and from which they come.

By the public description of the WebHDFS REST API (Hadoop 3, hadoop-hdfs/WebHDFS.html). With a password the login is
basic authentication, as gateways want it; without one the user is only named (`user.name`), as clusters without
security want it. Logins go to no other host than the one in the target's address.
"""

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, unquote, urlsplit

from computes.errors import TargetError, TargetUnreachable
from computes.shared_storage.contract import Listed
from computes.shared_storage.http import HttpClient
from computes.shared_storage.http_answer import Answer, HttpAccess
from computes.shared_storage.webhdfs_answers import (
    MISSING,
    AlreadyThere,
    error_of,
    length_in,
    listed,
    object_in,
    remote_error,
)

OCTETS = {"Content-Type": "application/octet-stream", "X-XSRF-HEADER": "amlweb"}
TRANSFER_SECONDS = 3600.0


class WebHdfsStorage:
    """Files below a folder of HDFS; the address ends with it, as in https://host:9871/webhdfs/v1/user/amlweb."""

    def __init__(self, access: HttpAccess, *, is_for_group: bool = False) -> None:
        self.access = access
        self.client = HttpClient(access)
        self.file_mode, self.folder_mode = ("660", "770") if is_for_group else ("600", "700")
        self.user = {"user.name": access.username} if access.username and not access.password else {}

    def names(self, name: str) -> frozenset[str]:
        """Return what is in a folder, temporary files left out; nothing when it is not there."""
        return frozenset(self.listing(name))

    def listing(self, name: str, *, with_temporary: bool = False) -> dict[str, Listed]:
        """Return what is in a folder with what is known of it; nothing when the folder is not there."""
        answer = self.ask("GET", name, "LISTSTATUS", f"list {name}", missing_is_fine=True)
        found = {} if answer is None else listed(self.access, answer)
        return {entry: facts for entry, facts in found.items() if with_temporary or not entry.startswith(".")}

    def size(self, name: str, deadline: float) -> int | None:
        """Return the bytes of all files below a folder; None when it is not there or there was no time to ask."""
        if time.monotonic() > deadline:
            return None
        answer = self.ask("GET", name, "GETCONTENTSUMMARY", f"measure {name}", missing_is_fine=True)
        return None if answer is None else length_in(self.access, answer)

    def read(self, name: str, offset: int, limit: int) -> bytes | None:
        """Return at most `limit` bytes of a file from an offset within it; None when there is no such file."""
        deed = f"read {name}"
        parameters = {"offset": str(offset), "length": str(limit)}
        answer = self.ask("GET", name, "OPEN", deed, parameters, missing_is_fine=True, most_bytes=limit + 4096)
        if answer is not None and answer.status == 307:
            answer = self.follow("GET", answer, deed, most_bytes=limit + 4096, missing_is_fine=True)
        return None if answer is None else answer.body[:limit]

    def claim(self, name: str, data: bytes) -> bool:
        """Make a file that nobody has made yet; False when somebody has."""
        return self.create(name, data, overwrite=False)

    def place(self, name: str, content: bytes | Path | BinaryIO) -> None:
        """Put a file under a name; an earlier one is replaced."""
        parent, _, last = name.rpartition("/")
        temporary = f"{parent}/.{last}.{secrets.token_hex(8)}.tmp" if parent else f".{last}.{secrets.token_hex(8)}.tmp"
        try:
            self.create(temporary, content, overwrite=True)
        except BaseException:
            with suppress(TargetError):
                self.remove(temporary)
            raise
        if not self.rename(temporary, name):
            self.remove(name)
            if not self.rename(temporary, name):
                self.remove(temporary)
                raise TargetUnreachable(f"WebHDFS gave {name} not its name.", "It is tried again.")

    def fetch(self, name: str, into: BinaryIO, most_bytes: int) -> int:
        """Copy at most so many bytes of a file into an open file and return how many it were."""
        deed, began = f"read {name}", into.tell()
        parameters = {"length": str(most_bytes)}
        answer = self.ask("GET", name, "OPEN", deed, parameters, into=into, most_bytes=most_bytes)
        if answer is not None and answer.status == 307:
            self.follow("GET", answer, deed, into=into, most_bytes=most_bytes)
        return into.tell() - began

    def make_folder(self, name: str) -> None:
        """Make a folder and its parents; an existing one is left as it is."""
        self.require(self.ask("PUT", name, "MKDIRS", f"make the folder {name}", {"permission": self.folder_mode}))

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all in it; what is not there is no error."""
        self.ask("DELETE", name, "DELETE", f"remove {name}", {"recursive": "true"}, missing_is_fine=True)

    def create(self, name: str, content: bytes | Path | BinaryIO, *, overwrite: bool) -> bool:
        """Make a file in two steps; False when it is there and is not to be overwritten.

        Only the second step has the data. HttpFS, which stands for both nodes, says so in its redirect (`data=true`);
        where the first step says it, it makes an empty file.
        """
        deed = f"make {name}"
        self.make_folder(name.rpartition("/")[0])
        parameters = {"overwrite": str(overwrite).lower(), "permission": self.file_mode}
        try:
            answer = self.ask("PUT", name, "CREATE", deed, parameters)
            if answer is None or answer.status != 307:
                raise TargetUnreachable(
                    "WebHDFS names no data node to write to.", "Compare the work folder: its address may be another's."
                )
            if not isinstance(content, Path):
                self.follow("PUT", answer, deed, body=content)
            else:
                with content.open("rb") as file:
                    self.follow("PUT", answer, deed, body=file)
        except AlreadyThere:
            return False
        return True

    def rename(self, name: str, to: str) -> bool:
        """Give a file another name; False when that is taken."""
        destination = unquote(urlsplit(self.address(to)).path.partition("/webhdfs/v1")[2])
        answer = self.ask("PUT", name, "RENAME", f"rename {name}", {"destination": destination})
        return answer is not None and object_in(self.access, answer).get("boolean") is True

    def require(self, answer: Answer | None) -> None:
        """Raise TargetUnreachable unless the answer says true."""
        if answer is None or object_in(self.access, answer).get("boolean") is not True:
            raise TargetUnreachable("WebHDFS did not do what was asked, and does not say why.", "It is tried again.")

    def address(self, name: str) -> str:
        """Return the address of a name."""
        base = self.access.address.rstrip("/")
        return f"{base}/{quote(name)}" if name and name != "." else base

    def ask(
        self,
        method: str,
        name: str,
        operation: str,
        deed: str,
        parameters: Mapping[str, str] | None = None,
        *,
        missing_is_fine: bool = False,
        **options: Any,
    ) -> Answer | None:
        """Return the name node's answer, None for what is not there where that is fine."""
        asked = {"op": operation, **self.user, **(parameters or {})}
        answer = self.client.ask(method, self.address(name), parameters=asked, headers=OCTETS, **options)
        return self.judged(answer, deed, missing_is_fine)

    def follow(
        self, method: str, answer: Answer, deed: str, *, missing_is_fine: bool = False, **options: Any
    ) -> Answer | None:
        """Do the second step where the name node has sent us."""
        place, own = urlsplit(answer.place), urlsplit(self.access.address)
        if place.scheme not in ("http", "https") or (own.scheme == "https" and place.scheme != "https"):
            raise TargetUnreachable(
                "WebHDFS sends us to a data node without encryption, or to no address.",
                "Let WebHDFS use https on the data nodes too (dfs.http.policy), or go through a gateway.",
            )
        is_own = (place.scheme, place.netloc) == (own.scheme, own.netloc)
        headers = {**OCTETS}
        more = {"with_login": is_own, "deadline_seconds": TRANSFER_SECONDS, **options}
        second = self.client.ask(method, answer.place, headers=headers, **more)
        return self.judged(second, deed, missing_is_fine)

    def judged(self, answer: Answer, deed: str, missing_is_fine: bool) -> Answer | None:
        """Return an answer that is a success or a redirect to a data node; raise what any other means."""
        if answer.status in (200, 201, 206) or (answer.status == 307 and "op=" in answer.place):
            return answer
        error = remote_error(answer)
        if missing_is_fine and error is not None and error[0] == MISSING:
            return None
        raise error_of(self.access, answer, error, deed)
