"""What drf-spectacular cannot know by itself. The settings name both functions."""

from collections.abc import Callable
from typing import Any

from apps.foundation.web.problems import PROBLEM_TYPE

Endpoint = tuple[str, str, str, Callable[..., Any]]

ALIASES = ("/api/v1/core/",)
"""Second addresses of views that the document describes under the first (C-24)."""

_PROBLEM = "#/components/schemas/Problem"


def without_aliases(endpoints: list[Endpoint], **kwargs: Any) -> list[Endpoint]:
    """Every view once."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith(ALIASES)]


def refusals_everywhere(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Every operation may answer with problem details, in their own media type; its first sentence is its summary."""
    for path in result["paths"].values():
        for operation in path.values():
            operation.setdefault("summary", operation.get("description", "").partition(". ")[0].rstrip("."))
            answers: dict[str, Any] = operation["responses"]
            for code, answer in answers.items():
                if int(code) >= 400:
                    answer["content"] = {PROBLEM_TYPE: {"schema": {"$ref": _PROBLEM}}}
            answers["default"] = {
                "description": "A refusal: 400 names the fields, 403 the missing right, 404 what is not there.",
                "content": {PROBLEM_TYPE: {"schema": {"$ref": _PROBLEM}}},
            }
    return result
