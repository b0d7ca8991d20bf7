"""The pair of database and data folder that makes an installation.

Web, workers and controller must share both: a log that one writes, another serves. The folder holds the installation's
id in a file, and the database holds the id of the folder that it was first used with.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from amlweb.models import Installation

REMEDY = (
    "Web, workers and controller must share one data folder: set AMLWEB_DATA_DIR (or DATABASE_URL) to the pair that "
    "belongs together. After moving to a new folder on purpose, copy the file installation_id into it."
)


def mismatch() -> str:
    """Return what is wrong when this database belongs to another data folder, or an empty text.

    A database without tables belongs to nobody yet.
    """
    try:
        owner = Installation.objects.values_list("pk", flat=True).first()
    except DatabaseError:
        return ""
    if owner in (None, settings.INSTALLATION_ID):
        return ""
    return (
        f"The database belongs to installation {owner}, and the data folder {settings.DATA_DIR} to installation "
        f"{settings.INSTALLATION_ID}."
    )


def refuse_foreign_database() -> None:
    """Raise ImproperlyConfigured when this database belongs to another data folder. Leaves no connection open."""
    try:
        problem = mismatch()
    finally:
        connection.close()
    if problem:
        raise ImproperlyConfigured(f"{problem} {REMEDY}")
