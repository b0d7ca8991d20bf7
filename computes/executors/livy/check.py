"""The itemised check of a target behind Livy."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from uuid import uuid4

from computes.contract import CheckItem, LivySettings, TargetSettings
from computes.errors import TargetError
from computes.executors.livy.client import LivyClient
from computes.executors.livy.run_behind_livy import livy_settings
from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.program_file import program_file
from computes.shared_storage.storages import storage_of

Finding = tuple[bool, str, str]
SCHEMES = ("file", "hdfs", "webhdfs", "swebhdfs", "abfs", "abfss", "wasb", "wasbs", "s3a", "gs", "ofs", "viewfs")


def check_livy(settings: TargetSettings, silence_seconds: float) -> Iterator[CheckItem]:
    """Yield each finding as soon as it is known."""
    try:
        livy = livy_settings(settings)
    except TargetError as error:
        yield CheckItem("Settings", False, error.text, error.remedy, 0.0)
        return
    client = LivyClient(livy, silence_seconds)
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("Livy", lambda: check_service(client)),
        ("Encryption", lambda: check_encryption(livy)),
        ("Work folder", lambda: check_work_folder(storage_of(settings, livy))),
        ("Storage for drivers", lambda: check_uri(settings, livy)),
    ]
    for name, look in checks:
        began = time.monotonic()
        try:
            ok, detail, remedy = look()
        except TargetError as error:
            ok, detail, remedy = False, error.text, error.remedy
        yield CheckItem(name, ok, detail, remedy, round((time.monotonic() - began) * 1000, 1))


def check_service(client: LivyClient) -> Finding:
    """Livy answers, and lets us in."""
    count = client.count()
    version = client.version()
    batches = "1 batch" if count == 1 else f"{count} batches"
    return True, f"Livy {version or 'of an unknown version'} answers; it remembers {batches}.", ""


def check_encryption(livy: LivySettings) -> Finding:
    """Advice: a password goes over the network as it is where nothing is encrypted."""
    if livy.url.startswith("https://"):
        return True, "Livy is reached through https.", ""
    if livy.password:
        return False, "The password goes to Livy without encryption.", "Use an address that begins with https://."
    return True, "Livy is reached without encryption and without a password.", "Put a gateway with https before Livy."


def check_work_folder(storage: SharedStorage) -> Finding:
    """Files can be placed there, read back, and removed."""
    name = f"check-{uuid4().hex}"
    content = uuid4().hex.encode()
    try:
        storage.place(f"{name}/file", content)
        is_whole = storage.read(f"{name}/file", 4, 8) == content[4:12] and "file" in storage.names(name)
        is_claimed_once = storage.claim(f"{name}/claim", b"") and not storage.claim(f"{name}/claim", b"")
    finally:
        storage.remove(name)
    if not is_claimed_once:
        return False, "Two processes can claim the same run in this storage.", "Use a storage that makes files once."
    return is_whole, "Files can be placed, read and removed there.", "Use a storage that gives back what it was given."


def check_uri(settings: TargetSettings, livy: LivySettings) -> Finding:
    """The URI that drivers are given looks right. Whether it is the same folder shows with the first run."""
    parts = urlsplit(livy.storage_uri)
    if parts.scheme not in SCHEMES or not parts.path.strip("/"):
        return (
            False,
            f"{livy.storage_uri!r} is no folder that a driver can reach.",
            f"Write it as Hadoop does, with a folder: one of {', '.join(f'{scheme}://…' for scheme in SCHEMES[:3])}.",
        )
    program = len(program_file()[1])
    return True, f"Drivers use {livy.storage_uri}; the driver program has {program:,} bytes.", ""
