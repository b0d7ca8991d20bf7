"""Which storage a URI names, and what all of them can do."""

from urllib.parse import unquote, urlsplit

from .folder_storage import FolderStorage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    from .hadoop_storage import HadoopStorage

    Storage = Union[FolderStorage, HadoopStorage]


def storage_for(uri: str, scratch: str, file_mode: int = 0o600) -> "Storage":
    """Return the storage behind a URI: a folder for a path or `file:`, else what Hadoop's FileSystem makes of it.

    `scratch` is a local folder of ours. Raises OSError where it cannot be reached.
    """
    parts = urlsplit(uri)
    if parts.scheme in ("", "file"):
        return FolderStorage(unquote(parts.path).rstrip("/"), file_mode)
    from .hadoop_storage import HadoopStorage  # noqa: PLC0415 - needs what only Spark brings

    return HadoopStorage(uri.rstrip("/"), scratch, file_mode)
