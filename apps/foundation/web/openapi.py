"""What drf-spectacular cannot know by itself. The settings name both functions."""

from collections.abc import Callable
from typing import Any

from apps.foundation.web.problems import PROBLEM_TYPE

Endpoint = tuple[str, str, str, Callable[..., Any]]

ALIASES = ("/api/v1/core/",)
"""Second addresses of views that the document describes under the first (C-24)."""

_PROBLEM = "#/components/schemas/Problem"
_ALWAYS = {
    "400": "The request makes no sense; `errors` names the fields.",
    "401": "Nobody is signed in, or the token or key is not good (any more).",
    "403": "The caller may not do this.",
    "406": "Only JSON is answered.",
    "429": "Too many requests; `Retry-After` says how many seconds to wait.",
}
_WITH_BODY = {
    "411": "The length of the body is not said.",
    "413": "The body is too long.",
    "415": "The body is of another content type.",
}
_WITH_PLACE = {"404": "What is asked for is not there, or another practice's."}


def without_aliases(endpoints: list[Endpoint], **kwargs: Any) -> list[Endpoint]:
    """Every view once."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith(ALIASES)]


def refusals_everywhere(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Every operation may answer with problem details, in their own media type; its first sentence is its summary."""
    for address, path in result["paths"].items():
        for operation in path.values():
            operation.setdefault("summary", operation.get("description", "").partition(". ")[0].rstrip("."))
            answers: dict[str, Any] = operation["responses"]
            for code, text in _refusals_of(address, operation).items():
                answers.setdefault(code, {"description": text})
            for code, answer in answers.items():
                if int(code) >= 400:
                    answer["content"] = {PROBLEM_TYPE: {"schema": {"$ref": _PROBLEM}}}
            answers["default"] = {
                "description": "Any other refusal.",
                "content": {PROBLEM_TYPE: {"schema": {"$ref": _PROBLEM}}},
            }
    return result


def _refusals_of(address: str, operation: dict[str, Any]) -> dict[str, str]:
    """What the operation may answer beside what its view names."""
    named = {parameter["name"] for parameter in operation.get("parameters", [])}
    has_place = "{" in address or "page" in named
    return {**_ALWAYS, **(_WITH_BODY if "requestBody" in operation else {}), **(_WITH_PLACE if has_place else {})}
