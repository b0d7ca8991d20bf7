"""Reading the body of a call: strict JSON, so that two programs can never understand it differently."""

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from runs.api.problems import ApiProblem, invalid

REMEDY = "Send one JSON object in UTF-8 with `Content-Type: application/json`."


def refusal(detail: str, status: int = 400) -> ApiProblem:
    """Return the answer for a body that cannot be read."""
    return ApiProblem(status, "bad_json" if status == 400 else "unsupported_media_type", detail, REMEDY)


class StrictJsonParser(Parser):
    """JSON without repeated keys, NaN, NUL and broken characters. Raises ApiProblem (400, 415; 422 with the fields)."""

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
            refuse_broken_texts(value)
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


def refuse_broken_texts(value: Any) -> None:
    """Refuse NUL and lone surrogates anywhere in a body, on the field that holds them."""
    if not isinstance(value, dict) or any(is_broken(key) for key in value):
        if is_broken(value):
            raise refusal("The JSON holds a NUL or half a character, which cannot be stored.")
        return
    broken = [key for key, item in value.items() if is_broken(item)]
    if broken:
        raise invalid({key: ["A NUL or half a character cannot be stored; remove it."] for key in broken})


def is_broken(value: Any) -> bool:
    """Return whether a value holds, at any depth, what no database and no program can be given."""
    if isinstance(value, str):
        return "\0" in value or (not value.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in value))
    if isinstance(value, list):
        return any(is_broken(item) for item in value)
    return isinstance(value, dict) and any(is_broken(part) for pair in value.items() for part in pair)
