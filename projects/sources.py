"""Where the code of a project comes from: an archive, a folder on the server, a git repository, a template.

Each verb stores the files first, without the database, and then writes its rows in one transaction; a refusal leaves
no project behind. Who may do it is decided by whoever calls. All raise SourceRefused.
"""

from pathlib import Path
from typing import IO

from django.contrib.auth.models import User
from django.db import transaction

from projects.archives import extract_archive
from projects.errors import SourceRefused
from projects.models import Project
from projects.project_names import checked_name, create_project
from projects.server_folders import checked_folder
from projects.snapshots.stored_tree import StoredTree, store_tree
from projects.snapshots.taking import record_snapshot
from projects.source_imports import create_from_git, replace_from_git
from projects.stores import blob_store, fresh_folder, size_limits
from projects.templates import template_called

__all__ = [
    "create_from_archive",
    "create_from_folder",
    "create_from_git",
    "create_from_template",
    "replace_from_archive",
    "replace_from_folder",
    "replace_from_git",
]


def create_from_archive(user: User, name: str, file: IO[bytes], description: str = "") -> Project:
    """Make a project of an uploaded `.zip`, `.tar.gz` or `.tar` (a seekable file), read with flat memory."""
    return _create(user, checked_name(name), _tree_of_archive(file), description, Project.Source.UPLOAD, "")


def create_from_folder(user: User, name: str, folder: str, description: str = "") -> Project:
    """Make a project of a folder on the server, below the roots that an administrator allows."""
    name, checked = checked_name(name), checked_folder(folder)
    tree = store_tree(blob_store(), checked, size_limits(), "folder")
    return _create(user, name, tree, description, Project.Source.FOLDER, str(checked))


def create_from_template(user: User, name: str, template: str, description: str = "") -> Project:
    """Make a project of a template that comes along."""
    name, chosen = checked_name(name), template_called(template)
    tree = store_tree(blob_store(), chosen.folder, size_limits(), "template")
    # A template's files are this program's own, so the program's commit is no fact about the project.
    own = StoredTree(tree.manifest, tree.digest, tree.notes)
    return _create(user, name, own, description or chosen.description, Project.Source.TEMPLATE, chosen.name)


def replace_from_archive(project: Project, user: User, file: IO[bytes]) -> Project:
    """Make an uploaded archive the project's current code; earlier snapshots and runs stay as they are."""
    return _replace(project, _tree_of_archive(file), Project.Source.UPLOAD, "")


def replace_from_folder(project: Project, user: User, folder: str) -> Project:
    """Make a folder on the server, as it is now, the project's current code."""
    checked = checked_folder(folder)
    tree = store_tree(blob_store(), checked, size_limits(), "folder")
    return _replace(project, tree, Project.Source.FOLDER, str(checked))


def _tree_of_archive(file: IO[bytes]) -> StoredTree:
    with fresh_folder("upload") as folder:
        top: Path = extract_archive(file, folder, size_limits())
        return store_tree(blob_store(), top, size_limits(), "archive")


def _create(user: User, name: str, tree: StoredTree, description: str, source: str, location: str) -> Project:
    if len(description) > 500:
        raise SourceRefused("description", "The description has more than 500 characters.", "Shorten it.")
    with transaction.atomic():
        project = create_project(user, name, description=description, source=source, source_location=location)
        project.current_snapshot = record_snapshot(project, tree)
        project.save(update_fields=["current_snapshot"])
    return project


def _replace(project: Project, tree: StoredTree, source: str, location: str) -> Project:
    with transaction.atomic():
        project.current_snapshot = record_snapshot(project, tree)
        project.source, project.source_location, project.source_reference = source, location, ""
        project.save(update_fields=["current_snapshot", "source", "source_location", "source_reference"])
    return project
