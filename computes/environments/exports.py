"""A lock in the forms of other tools: `@EXPLICIT` for conda, `pixi.lock` for pixi. Neither holds a login."""

from pathlib import Path

import yaml

from computes.environments.contract import Lock, PackageSources
from computes.environments.project_wheels import is_project_wheel, path_of
from computes.environments.solver_process import run_solver
from computes.environments.stopping import never


def explicit_text(lock: Lock) -> str:
    """Return the conda part for `conda create --file`, with pip's part as comments, which conda does not know."""
    lines = [f"# platform: {lock.platform.subdir}", "@EXPLICIT"]
    for package in lock.packages:
        if package.kind == "conda":
            lines.append(f"{package.url}#{package.md5 or package.sha256}")
    for package in lock.packages:
        if package.kind == "pip":
            lines.append(f"# pip: {package.name}=={package.version} @ {package.url} --hash=sha256:{package.sha256}")
    return "\n".join(lines) + "\n"


def pixi_lock_text(lock: Lock, cache_folder: Path) -> str:
    """Return the lock as a `pixi.lock`. Raises PreparationFailed.

    py-rattler writes it without the checksums of pip's packages; they are added here in the format's own key.
    """
    pip = [package for package in lock.packages if package.kind == "pip"]
    request = {
        "channels": list(lock.channels),
        "subdir": lock.platform.subdir,
        "records": [dict(p.record) for p in lock.packages if p.kind == "conda"],
        "pip": [[p.name, p.version, f"./{path_of(p)}" if is_project_wheel(p) else p.url] for p in pip],
    }
    document = yaml.safe_load(run_solver("pixi", request, PackageSources(), cache_folder, never)["text"])
    checksums = {(p.name, p.version): p.sha256 for p in pip}
    for entry in document["packages"]:
        if "pypi" in entry:
            entry["sha256"] = checksums[(entry["name"], str(entry["version"]))]
    return yaml.safe_dump(document, sort_keys=False, width=1000)
