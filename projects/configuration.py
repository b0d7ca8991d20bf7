"""A snapshot's configuration: its `aml_config` folder, read once and remembered by digest."""

from projects.aml_config.folder import AmlConfig, read_aml_config
from projects.aml_config.source_text import MAXIMUM_BYTES
from projects.kept_by_digest import KeptByDigest
from projects.models import Snapshot
from projects.snapshots.files import SnapshotFiles


def aml_config_of(snapshot: Snapshot) -> AmlConfig:
    """Return what the snapshot's configuration files say, with their problems. Raises BlobMissing."""
    return _read(snapshot)


_read: KeptByDigest[AmlConfig] = KeptByDigest(
    lambda snapshot: read_aml_config(SnapshotFiles(snapshot, MAXIMUM_BYTES + 1)), most=64
)
