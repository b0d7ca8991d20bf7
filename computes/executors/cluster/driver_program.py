"""Puts the driver program on a head node, from where spark-submit hands it to the cluster."""

import posixpath

from computes.machines.contract import PlacedFile
from computes.shared_storage.program_file import program_file
from computes.work_folder import WorkFolder

PERMISSIONS = 0o644


def place_driver(folder: WorkFolder) -> str:
    """Return the path of the driver program, placed there if it is missing."""
    name, content = program_file()
    path = posixpath.join(folder.path, name)
    parent = posixpath.dirname(path)
    if folder.machine.stat(path) is None:
        folder.machine.make_folder(posixpath.dirname(parent))
        folder.machine.place_folder(parent, (PlacedFile(posixpath.basename(path), PERMISSIONS, content),))
    return path
