"""What is run, and who may do what with it."""

from projects.models.access_token import AccessToken
from projects.models.membership import Membership, Role
from projects.models.project import Project
from projects.models.snapshot import Snapshot
from projects.models.source_import import SourceImport

__all__ = ["AccessToken", "Membership", "Project", "Role", "Snapshot", "SourceImport"]
