"""The ways to use a database with which nothing is locked or leaked half-way."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

SQLITE = "django.db.backends.sqlite3"
SHORTEST_WAIT_SECONDS = 5


@register("amlweb")
def check_connections(**facts: Any) -> list[CheckMessage]:
    """Refuse transactions around whole requests, and connections that outlive a request."""
    found: list[CheckMessage] = []
    for name, database in settings.DATABASES.items():
        if database.get("ATOMIC_REQUESTS"):
            found.append(
                Error(
                    f"DATABASES[{name!r}]: ATOMIC_REQUESTS is on.",
                    hint="Take it out: a page would hold the write lock while it is rendered.",
                    id="amlweb.E011",
                )
            )
        if database.get("CONN_MAX_AGE", 0) != 0:
            found.append(
                Error(
                    f"DATABASES[{name!r}]: CONN_MAX_AGE is not 0.",
                    hint="Set it to 0: under ASGI, persistent connections are never given back.",
                    id="amlweb.E012",
                )
            )
    return found


@register("amlweb")
def check_sqlite(**facts: Any) -> list[CheckMessage]:
    """Refuse SQLite without write-ahead log, immediate transactions and patience."""
    found: list[CheckMessage] = []
    for name, database in settings.DATABASES.items():
        options = database.get("OPTIONS", {})
        wanted = {
            '"transaction_mode": "IMMEDIATE"': options.get("transaction_mode") == "IMMEDIATE",
            '"init_command" with "PRAGMA journal_mode=WAL"': "journal_mode=wal"
            in str(options.get("init_command", "")).replace(" ", "").lower(),
            f'"timeout" of at least {SHORTEST_WAIT_SECONDS} s': options.get("timeout", 0) >= SHORTEST_WAIT_SECONDS,
        }
        if database["ENGINE"] == SQLITE and not all(wanted.values()):
            missing = ", ".join(option for option, is_there in wanted.items() if not is_there)
            found.append(
                Error(
                    f"DATABASES[{name!r}]: SQLite is used without {missing}.",
                    hint='Add it to OPTIONS; without it, writers fail with "database is locked".',
                    id="amlweb.E013",
                )
            )
    return found
