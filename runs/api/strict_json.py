"""Reading the body of a call: strict JSON, so that two programs can never understand it differently."""

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from runs.api.problems import ApiProblem

REMEDY = "Send one JSON object in UTF-8 with `Content-Type: application/json`."


def refusal(detail: str, status: int = 400) -> ApiProblem:
    """Return the answer for a body that cannot be read."""
    return ApiProblem(status, "bad_json" if status == 400 else "unsupported_media_type", detail, REMEDY)


class StrictJsonParser(Parser):
    """JSON without repeated keys, NaN, NUL and broken characters. Raises ApiProblem (400 or 415)."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body as Python values."""
        if request.content_type != "application/json":
            raise refusal(f"The body is {(request.content_type or 'of no stated type')[:100]!r}, not JSON.", status=415)
        try:
            text = request.body.decode("utf-8")
            value = json.loads(text, object_pairs_hook=object_without_repetition, parse_constant=refuse_constant)
        except RecursionError as error:
            raise refusal("The JSON is nested too deeply.") from error
        except UnicodeDecodeError as error:
            raise refusal("The body is not UTF-8.") from error
        except json.JSONDecodeError as error:
            raise refusal(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
        except ValueError as error:  # a number of thousands of digits
            raise refusal("The JSON holds a number that is too large.") from error
        if "\\u" in text:  # the only way in for NUL and halves of surrogate pairs
            refuse_broken_text(value)
        return value


def object_without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, unless it has a key twice."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise refusal(f"The key {twice[:80]!r} is given twice in one object.")
    return result


def refuse_constant(name: str) -> None:
    """Refuse NaN and the infinities, which are not JSON."""
    raise refusal(f"{name} is not a JSON number.")


def refuse_broken_text(value: Any) -> None:
    """Refuse NUL and lone surrogates anywhere in a value."""
    if isinstance(value, str):
        if "\0" in value or (not value.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in value)):
            raise refusal("The JSON holds a NUL or half a character, which cannot be stored.")
    elif isinstance(value, list):
        for item in value:
            refuse_broken_text(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            refuse_broken_text(key)
            refuse_broken_text(item)
