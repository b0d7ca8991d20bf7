"""What is sent to the nodes with an application: the packed environment and the project's modules."""

import sys

from .modules import write_modules
from .packing import PackingFailed, ensure_pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOT_READY = 126
NOT_PACKED = "The environment could not be packed for the cluster: "


def make_what_is_sent(spec: "dict[str, Any]") -> bool:
    """Pack the environment and write the modules, as far as a run has them. False where that fails, after a word in the
    log."""
    part = spec["cluster"]
    try:
        if part["pack"]:
            ensure_pack(part["prefix"], part["pack"], part["packer"], part["largest_pack_bytes"])
        if part["modules"]:
            write_modules(spec["working_folder"], part["modules"], spec["spark"]["script"][0])
    except (PackingFailed, OSError) as error:
        sys.stderr.write("%s%s\n" % (NOT_PACKED, error))
        return False
    return True
