"""The API put together: its calls, who may make them, how errors look, and its page of documentation."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from runs.api import environment_calls, project_calls, run_calls, run_files, script_action_calls
from runs.api.problem_handlers import SIGN_IN, add_handlers, refuse_method
from runs.api.problems import not_found
from runs.api.sign_in import TokenOrSession
from runs.api.strict_json import StrictJsonParser
from runs.streaming import leave_out_content

View = Callable[..., HttpResponseBase]
DESCRIPTION = """Everything that the pages do. Make a token on your account page and send it as
`Authorization: Bearer amlweb_…`. Errors are always `{"error", "detail", "remedy"}`, with `"fields"` where single
fields are at fault."""


def only_signed_in(view: View) -> View:
    """Show the documentation to people with an account only."""

    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, **places: str) -> HttpResponseBase:
        if request.user.is_authenticated or TokenOrSession()(request) is not None:
            return view(request, **places)
        wants_page = "text/html" in request.META.get("HTTP_ACCEPT", "")
        return redirect_to_login(request.get_full_path()) if wants_page else SIGN_IN.to_response()

    return guarded


def with_shaped_refusals(view: View) -> View:
    """Give a wrong method, and the bare root, the one shape of errors, too."""

    @wraps(view)
    def shaped(request: HttpRequest, **places: object) -> HttpResponseBase:
        try:
            response = view(request, **places)
        except Http404:
            return not_found("address").to_response()
        return refuse_method(response["Allow"]) if isinstance(response, HttpResponseNotAllowed) else response

    return shaped


def answering_head(view: View) -> View:
    """Answer HEAD as GET, without reading what GET would stream."""

    @wraps(view)
    def answered(request: HttpRequest, **places: object) -> HttpResponseBase:
        if request.method != "HEAD":
            return view(request, **places)
        request.method = "GET"
        response = view(request, **places)
        if isinstance(response, StreamingHttpResponse):
            leave_out_content(request, response)
        return response

    return answered


def refuse_unknown_address(request: HttpRequest) -> HttpResponseBase:
    """Answer every other address below the API."""
    return not_found("address").to_response()


refuse_unknown_address.csrf_exempt = True  # type: ignore[attr-defined]

api = NinjaAPI(
    title="amlweb",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=TokenOrSession(),
    parser=StrictJsonParser(),
    docs_decorator=only_signed_in,
)
add_handlers(api)
for calls in (project_calls, script_action_calls, environment_calls, run_calls, run_files):
    api.add_router("", calls.router)


def api_urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """Return the addresses of the API, every answer in its one shape."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = answering_head(with_shaped_refusals(pattern.callback))
    patterns.append(re_path(r"[\s\S]*\Z", refuse_unknown_address, name="unknown"))
    return patterns, app_name, namespace
