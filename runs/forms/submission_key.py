"""One key for each different wish: a double click makes one run, going back and changing something makes another."""

from dataclasses import replace

from django.utils.crypto import salted_hmac

from runs.submission import Submission


def with_key(submission: Submission, form_key: str) -> Submission:
    """Return the submission with the key of its form and content; without a form's key nothing is caught.

    The content is hashed with the server's secret key, so that the stored key says nothing about secret values.
    """
    if not form_key:
        return replace(submission, idempotency_key=None)
    asked = (
        submission.script,
        submission.arguments,
        submission.target,
        submission.run_configuration,
        submission.framework,
        submission.resources,
        sorted(submission.environment_variables.items()),
        sorted(submission.secret_variables.items()),
        submission.time_limit_seconds,
        submission.description,
        submission.tags,
        submission.parent and submission.parent.pk,
        submission.snapshot and submission.snapshot.digest,
    )
    content = salted_hmac("amlweb.submission", repr(asked), algorithm="sha256").hexdigest()
    return replace(submission, idempotency_key=f"{form_key[:50]}.{content[:40]}")
