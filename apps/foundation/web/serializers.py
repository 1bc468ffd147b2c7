"""What the JSON of every app shares: strict input, and the envelope of a page."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from apps.foundation.web.types import Paged

MAX_PAGE_SIZE = 100


class StrictSerializer(serializers.Serializer[Any]):
    """Input whose unknown fields are an error, so that nothing is silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values."""
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise exceptions.ValidationError({name: [_("There is no such field.")] for name in sorted(unknown)})
        return super().to_internal_value(data)


class PageSerializer(serializers.Serializer[Any]):
    """The envelope of a list; a subclass adds `results`."""

    count = serializers.IntegerField(help_text="Rows of all pages.")
    next = serializers.URLField(allow_null=True, help_text="The address of the next page.")
    previous = serializers.URLField(allow_null=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal as problem details (RFC 9457). `errors` maps the names of fields to what is wrong with each."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField(help_text="The name of the status.")
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False, help_text="What is wrong; never the value that was sent.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="By name of field."
    )


def page_envelope(request: Request, page: Paged, results: Sequence[Any]) -> dict[str, Any]:
    """One page as every list of the API answers it."""
    return {
        "count": page.total,
        "next": _page_address(request, page.page + 1) if page.page < page.pages else None,
        "previous": _page_address(request, page.page - 1) if page.page > 1 else None,
        "results": results,
    }


def require_page(asked: int, page: Paged) -> None:
    """Returns where the asked page exists; the first one always does. Else NotFound."""
    if asked > page.pages:
        raise exceptions.NotFound(_("There is no such page."))


def _page_address(request: Request, page: int) -> str:
    query = request.query_params.copy()
    query["page"] = str(page)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
