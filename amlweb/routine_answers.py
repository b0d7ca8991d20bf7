"""Answers that look like errors but are everyday."""

import logging

READINESS = "/readyz"


class RoutineFilter(logging.Filter):
    """Leaves out that `/readyz` said "not yet": whoever asks it asks again and again, and reads the answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record of django.request is worth a line."""
        request = getattr(record, "request", None)
        return not (getattr(record, "status_code", 0) == 503 and getattr(request, "path", "") == READINESS)
