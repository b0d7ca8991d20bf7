"""The database: tables as this version of the code wants them."""

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from amlweb.preparing.refusal import CannotStart


def update_database() -> bool:
    """Bring the tables up to date; return whether there was anything to do. Raises CannotStart without a database."""
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as problem:
        raise CannotStart(
            f"The database does not answer: {problem}\nCheck DATABASE_URL and that its server is running."
        ) from problem
    is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if is_behind:
        call_command("migrate", interactive=False, verbosity=0)
    if not settings.REDIS_URL and settings.CACHE_TABLE not in connection.introspection.table_names():
        call_command("createcachetable", verbosity=0)
    return is_behind
