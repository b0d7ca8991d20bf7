"""Turning every exception of a call into the one shape of errors; nothing of our insides gets out."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from computes.refusals import TargetRefused
from projects.errors import SourceRefused
from runs.api.problems import ApiProblem, forbidden, invalid, not_found
from runs.cancellation import CancelForbidden
from runs.submission import SubmissionForbidden, SubmissionRefused

logger = logging.getLogger("amlweb.api")
Handler = Callable[[HttpRequest, Exception | type[Exception]], HttpResponse]  # as ninja types it

# What pydantic says of these kinds of error is meant for programmers of Python.
PLAIN_WORDS = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such field; look for a misspelling.",
    "model_attributes_type": "Send one JSON object.",
    "dict_type": "Send an object of names and values.",
    "list_type": "Send a list.",
    "string_type": "Send a text.",
    "int_type": "Send a whole number.",
}

SIGN_IN = ApiProblem(
    401,
    "not_signed_in",
    "This call needs a valid personal token.",
    "Make a token on your account page and send it as `Authorization: Bearer amlweb_…`.",
)
TOO_LARGE = ApiProblem(
    413, "too_large", "The body of this call is larger than it may be.", "Send less, or upload it as a project's file."
)
BUSY = ApiProblem(
    503,
    "database_busy",
    "The database does not answer at the moment, so nothing was changed.",
    "Try it again in a few seconds, with the same Idempotency-Key if the call has one.",
)
BROKEN = ApiProblem(
    500,
    "internal_error",
    "amlweb made a mistake of its own on this call.",
    "Try it again; if it happens once more, tell the administrator the time and the address of the call.",
)


def problem_of(error: Exception) -> ApiProblem:
    """Return the problem that an exception stands for."""
    match error:
        case ApiProblem():
            return error
        case HttpError(__cause__=ApiProblem() as cause):
            return cause
        case AuthenticationError():
            return SIGN_IN
        case ValidationError():
            return invalid(fields_of(error.errors))
        case OperationalError():
            return BUSY
        case SubmissionRefused():
            return invalid(error.errors)
        case SourceRefused():
            return ApiProblem(422, "source_refused", error.text, error.remedy, {error.field: [error.text]})
        case TargetRefused(field=""):
            return ApiProblem(409, "refused", error.text, error.remedy)
        case TargetRefused():
            return invalid({error.field: [str(error)]})
        case SubmissionForbidden() | CancelForbidden():
            return forbidden(str(error), "Ask an owner of the project to make you a runner.")
        case Http404():
            return not_found("thing")
        case RequestDataTooBig() | HttpError(__cause__=RequestDataTooBig()):
            return TOO_LARGE
        case BadRequest() | SuspiciousOperation() | HttpError():
            return ApiProblem(400, "bad_request", "The call could not be read.", "Check how it is written.")
    return BROKEN


def fields_of(errors: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the sentences of a validation error by the field they belong to."""
    fields: dict[str, list[str]] = {}
    for error in errors:
        place = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header", "wanted")]
        text = PLAIN_WORDS.get(error.get("type", "")) or str(error["msg"]).rstrip(".") + "."
        fields.setdefault(".".join(place)[:200] or "body", []).append(text)
    return fields


def answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the response for an exception; what nobody foresaw is written to the server log in full."""
    problem = problem_of(error)
    if problem in (BROKEN, BUSY):
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem.to_response()


def refuse_method(allowed: str) -> JsonResponse:
    """Return the answer for a method that an address does not know."""
    response = ApiProblem(
        405, "method_not_allowed", "This address does not know that method.", f"Use one of: {allowed}."
    ).to_response()
    response["Allow"] = allowed
    return response


def add_handlers(api: NinjaAPI) -> None:
    """Let the API answer every exception in the one shape."""
    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, cast(Handler, answer))
