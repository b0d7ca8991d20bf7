"""WebHDFS by its contract: not Hadoop, but a name node and a data node that answer as the public description says.

Source, read in November 2026: hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html (requests,
redirects with 307, RemoteException with exception, javaClassName and message, FileStatus; renaming onto a file that is
there answers false; DELETE of what is not there answers false). HttpFS, one gateway that stands for both nodes, by the
source of Hadoop 3.4's HttpFSServer, CheckUploadContentTypeFilter and HttpFSExceptionProvider: contents are read without
a redirect; CREATE redirects to itself with data=true, and with that takes the body. Files lie in a folder of this
machine, so that drivers can reach the same storage as a mounted folder.
"""

import base64
import errno
import shutil
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.stack.contract_http import Asked, Reply, Service, serving

ROOT = "/webhdfs/v1"
PACKAGE = "org.apache.hadoop"
JAVA = {
    "FileNotFoundException": "java.io.FileNotFoundException",
    "FileAlreadyExistsException": f"{PACKAGE}.fs.FileAlreadyExistsException",
    "AccessControlException": f"{PACKAGE}.security.AccessControlException",
    "StandbyException": f"{PACKAGE}.ipc.StandbyException",
    "SafeModeException": f"{PACKAGE}.hdfs.server.namenode.SafeModeException",
    "DSQuotaExceededException": f"{PACKAGE}.hdfs.protocol.DSQuotaExceededException",
    "SecurityException": "java.lang.SecurityException",
}


def remote(status: int, name: str, message: str) -> Reply:
    """Return an answer that holds an exception."""
    facts = {"exception": name, "javaClassName": JAVA.get(name, name), "message": message}
    return Reply.of({"RemoteException": facts}, status)


@dataclass
class WebHdfsContract:
    """The two nodes. `folder` holds what HDFS holds below its root. `is_httpfs`: the name node is HttpFS instead."""

    name_node: Service
    data_node: Service
    folder: Path
    login: str = ""
    is_httpfs: bool = False

    def address(self, path: str) -> str:
        return f"{self.name_node.address}{ROOT}{path}"

    def local(self, path: str) -> Path:
        return self.folder / path.removeprefix(ROOT).strip("/")

    def name_answer(self, asked: Asked) -> Reply:
        """Answer. The Hadoop that comes with pyspark from PyPI lacks the class with which it would read the content's
        type (org.glassfish.jersey.internal.RuntimeDelegateImpl), but reads answers without one."""
        reply = self.plain_answer(asked)
        if asked.headers.get("User-Agent", "").startswith("Java"):
            reply.headers.pop("Content-Type", None)
        return reply

    def plain_answer(self, asked: Asked) -> Reply:
        expected = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        if self.login and asked.headers.get("Authorization") != expected:
            return remote(401, "SecurityException", "Failed to obtain user group information")
        operation, path = asked.query.get("op", ""), self.local(asked.path)
        if self.is_httpfs and operation in ("CREATE", "OPEN"):
            return self.httpfs_answer(asked)
        if operation in ("CREATE", "OPEN"):
            if operation == "OPEN" and not path.is_file():
                return remote(404, "FileNotFoundException", f"File does not exist: /{path.relative_to(self.folder)}")
            query = urlencode({**asked.query, "namenoderpcaddress": "localhost:8020"})
            return Reply(307, headers={"Location": f"{self.data_node.address}{quote(asked.path)}?{query}"})
        return getattr(self, f"do_{operation.lower()}")(asked, path)  # type: ignore[no-any-return]

    def name_begins(self, asked: Asked) -> None:
        """Make a file before its content comes where HttpFS takes that itself."""
        if self.is_httpfs and asked.query.get("data") == "true":
            self.data_begins(asked)

    def httpfs_answer(self, asked: Asked) -> Reply:
        """Answer as HttpFS does where contents are read or written."""
        if asked.method == "PUT" and asked.query.get("data") != "true":
            query = urlencode({**asked.query, "data": "true"})
            return Reply(307, headers={"Location": f"{self.name_node.address}{quote(asked.path)}?{query}"})
        if asked.method == "PUT" and asked.headers.get("Content-Type") != "application/octet-stream":
            words = "Data upload requests must have content-type set to 'application/octet-stream'"
            return Reply(400, words.encode(), {"Content-Type": "text/html"})
        reply = self.data_answer(asked)
        return replace(reply, status=500) if reply.status == 403 else reply

    def do_liststatus(self, asked: Asked, path: Path) -> Reply:
        if not path.exists():
            return remote(404, "FileNotFoundException", f"File /{path.relative_to(self.folder)} does not exist.")
        found = [facts_of(entry) for entry in sorted(path.iterdir())] if path.is_dir() else [facts_of(path)]
        return Reply.of({"FileStatuses": {"FileStatus": [facts for facts in found if facts]}})

    def do_getfilestatus(self, asked: Asked, path: Path) -> Reply:
        if not (facts := facts_of(path)):
            return remote(404, "FileNotFoundException", f"File does not exist: /{path.relative_to(self.folder)}")
        return Reply.of({"FileStatus": {**facts, "pathSuffix": ""}})

    def do_getcontentsummary(self, asked: Asked, path: Path) -> Reply:
        if not path.exists():
            return remote(404, "FileNotFoundException", f"File does not exist: /{path.relative_to(self.folder)}")
        return Reply.of({"ContentSummary": summary_of(path)})

    def do_mkdirs(self, asked: Asked, path: Path) -> Reply:
        path.mkdir(parents=True, exist_ok=True)
        return Reply.of({"boolean": True})

    def do_setpermission(self, asked: Asked, path: Path) -> Reply:
        path.chmod(int(asked.query["permission"], 8))
        return Reply(200)

    def do_rename(self, asked: Asked, path: Path) -> Reply:
        target = self.local(asked.query["destination"])
        if not path.exists() or target.exists() or not target.parent.is_dir():
            return Reply.of({"boolean": False})
        path.rename(target)
        return Reply.of({"boolean": True})

    def do_delete(self, asked: Asked, path: Path) -> Reply:
        existed = path.exists()
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return Reply.of({"boolean": existed})

    def data_begins(self, asked: Asked) -> None:
        """Make a file before its content comes, as a data node does: it is seen, and may be removed, while it grows."""
        if asked.method == "PUT" and asked.query.get("overwrite") != "false":
            path = self.local(asked.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")

    def data_answer(self, asked: Asked) -> Reply:
        path = self.local(asked.path)
        if asked.method == "GET":
            try:
                with path.open("rb") as file:
                    file.seek(int(asked.query.get("offset", 0)))
                    data = file.read(int(asked.query.get("length", -1)))
            except FileNotFoundError:
                return remote(404, "FileNotFoundException", f"File does not exist: /{path.relative_to(self.folder)}")
            return Reply(200, data, {"Content-Type": "application/octet-stream"})
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb" if asked.query.get("overwrite") == "false" else "r+b") as file:
                file.write(asked.body)
        except FileNotFoundError:
            return remote(404, "FileNotFoundException", f"{path.name} does not have any open files.")
        except FileExistsError:
            return remote(403, "FileAlreadyExistsException", f"{path.name} for client 127.0.0.1 already exists")
        path.chmod(int(asked.query.get("permission", "644"), 8))
        return Reply(201, headers={"Location": f"hdfs://localhost:8020{asked.path.removeprefix(ROOT)}"})


def facts_of(path: Path) -> dict[str, object]:
    """Return the status of a file or folder; empty where it is gone in this moment, for drivers write beside us."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return {}
    is_folder = stat.S_ISDIR(facts.st_mode)
    return {
        "accessTime": 0,
        "blockSize": 0 if is_folder else 134217728,
        "childrenNum": 0,
        "fileId": facts.st_ino,
        "group": "supergroup",
        "length": 0 if is_folder else facts.st_size,
        "modificationTime": int(facts.st_mtime * 1000),
        "owner": "amlweb",
        "pathSuffix": path.name,
        "permission": f"{facts.st_mode & 0o777:o}",
        "replication": 0 if is_folder else 1,
        "storagePolicy": 0,
        "type": "DIRECTORY" if is_folder else "FILE",
    }


def summary_of(path: Path) -> dict[str, object]:
    found = [facts for entry in (path, *path.rglob("*")) if (facts := facts_of(entry))]
    sizes = [int(str(facts["length"])) for facts in found if facts["type"] == "FILE"]
    return {
        "directoryCount": len(found) - len(sizes),
        "fileCount": len(sizes),
        "length": sum(sizes),
        "quota": -1,
        "spaceConsumed": sum(sizes),
        "spaceQuota": -1,
        "typeQuota": {},
    }


@contextmanager
def webhdfs_contract(folder: Path, *, login: str = "", tls: ssl.SSLContext | None = None) -> Iterator[WebHdfsContract]:
    """Play WebHDFS on loopback until the block ends."""
    made: list[WebHdfsContract] = []
    with (
        serving(lambda asked: made[0].name_answer(asked), tls, lambda asked: made[0].name_begins(asked)) as name_node,
        serving(lambda asked: made[0].data_answer(asked), tls, lambda asked: made[0].data_begins(asked)) as data_node,
    ):
        made.append(WebHdfsContract(name_node, data_node, folder, login))
        yield made[0]


FULL = remote(403, "DSQuotaExceededException", f"The DiskSpace quota of /user/amlweb is exceeded ({errno.EDQUOT})")
