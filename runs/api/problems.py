"""Errors of the API: always `{"error", "detail", "remedy"}`, and `"fields"` where single fields are at fault."""

from collections.abc import Mapping, Sequence

from django.http import JsonResponse

NOT_FOUND_REMEDY = "Check the address. If it is right, ask {whom} whether you have access."


class ApiProblem(Exception):
    """A call that cannot be done: HTTP status, short code, what happened, what to do, and the fields at fault."""

    def __init__(
        self,
        status: int,
        error: str,
        detail: str,
        remedy: str,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.error = error
        self.detail = detail
        self.remedy = remedy
        self.fields = fields

    def to_response(self) -> JsonResponse:
        """Return the answer that tells it."""
        body: dict[str, object] = {"error": self.error, "detail": self.detail, "remedy": self.remedy}
        if self.fields is not None:
            body["fields"] = self.fields
        response = JsonResponse(body, status=self.status)
        if self.status == 401:
            response["WWW-Authenticate"] = 'Bearer realm="amlweb"'
        return response


def not_found(what: str, whom: str = "an owner of the project") -> ApiProblem:
    """Return the one answer for things that do not exist and things that the person may not see; say whom to ask."""
    detail = f"There is no such {what}, or it is not visible to you."
    return ApiProblem(404, "not_found", detail, NOT_FOUND_REMEDY.format(whom=whom))


def forbidden(detail: str, remedy: str) -> ApiProblem:
    """Return the answer for people who may see a thing but not do this to it."""
    return ApiProblem(403, "forbidden", detail, remedy)


def invalid(fields: Mapping[str, Sequence[str]]) -> ApiProblem:
    """Return the answer for fields that cannot be accepted, each with sentences that say what to change."""
    detail = " ".join(text for texts in fields.values() for text in texts)
    return ApiProblem(422, "invalid", detail, "Correct the fields that `fields` names and send the call again.", fields)
