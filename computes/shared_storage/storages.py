"""Which shared storage a target's work folder is."""

from computes.contract import LivySettings, TargetSettings
from computes.errors import TransferFailed
from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.folder import FolderStorage
from computes.shared_storage.http_answer import HttpAccess
from computes.shared_storage.webhdfs import WebHdfsStorage

WEBHDFS = "/webhdfs/v1/"


def storage_of(settings: TargetSettings, livy: LivySettings) -> SharedStorage:
    """Return the storage behind the work folder. Raises TransferFailed for what is neither a path nor WebHDFS."""
    place = settings.work_folder
    if not place.startswith(("http://", "https://")):
        return FolderStorage(place, is_for_group=livy.is_for_group)
    if WEBHDFS not in place or not place.partition(WEBHDFS)[2].strip("/"):
        raise TransferFailed(
            f"The work folder {place!r} is no folder of WebHDFS.",
            "Let an administrator set it to https://HOST:PORT/webhdfs/v1/ and a folder of ours.",
        )
    access = HttpAccess("WebHDFS", place, livy.storage_username, livy.storage_password, livy.ca_bundle)
    return WebHdfsStorage(access, is_for_group=livy.is_for_group)
