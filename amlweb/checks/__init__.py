"""System checks: misconfiguration is named, with a hint, before it does harm."""

from amlweb.checks.data_folder import check_data_folder, check_key_file, check_same_installation
from amlweb.checks.databases import check_connections, check_sqlite
from amlweb.checks.task_queue import check_task_queue

__all__ = [
    "check_connections",
    "check_data_folder",
    "check_key_file",
    "check_same_installation",
    "check_sqlite",
    "check_task_queue",
]
