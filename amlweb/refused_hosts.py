"""Requests under an address that this server was not told about."""

import logging

from django.http import HttpRequest

LONGEST_HOST = 100


class RefusedHostFilter(logging.Filter):
    """Turns the refusal of a host into one line that names our own setting, without Django's traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, rewritten."""
        request = getattr(record, "request", None)
        host = request.META.get("HTTP_HOST", "") if isinstance(request, HttpRequest) else ""
        record.msg = "refused a request for %r: set AMLWEB_URL to the address that people type into their browsers"
        record.args = (host[:LONGEST_HOST],)
        record.exc_info = None
        return True
