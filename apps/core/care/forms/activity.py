"""What a page tells of the work on it."""

import json
from typing import Any

from django import forms
from django.core import signing

from apps.core.billing.types import TimeCategory
from apps.core.care.types import Piece

MOST_PIECES = 200
SALT = "care.visit"


class ActivityForm(forms.Form):
    """Our word about the page and about the visit it goes on, what happened on it, and whether the visit is over."""

    page = forms.CharField(max_length=500)
    visit = forms.CharField(max_length=500, required=False)
    pieces = forms.CharField(max_length=20_000, required=False)
    ended = forms.BooleanField(required=False)

    def clean_page(self) -> dict[str, Any]:
        """What we signed when the page was opened. Raises ValidationError."""
        return _opened(self.cleaned_data["page"])

    def clean_visit(self) -> dict[str, Any] | None:
        """What we signed when the visit's first page was opened. Raises ValidationError."""
        return _opened(self.cleaned_data["visit"]) if self.cleaned_data["visit"] else None

    def clean_pieces(self) -> list[Piece]:
        """The pieces. Raises ValidationError for what no page of ours sends."""
        try:
            told = json.loads(self.cleaned_data["pieces"] or "[]")
            if len(told) > MOST_PIECES:
                raise ValueError
            return [Piece(_whole(begins), _whole(ends), TimeCategory(kind)) for begins, ends, kind in told]
        except (ValueError, TypeError) as error:
            raise forms.ValidationError("", code="invalid") from error


def _opened(signed: str) -> dict[str, Any]:
    try:
        opened: dict[str, Any] = signing.loads(signed, salt=SALT)
    except signing.BadSignature as error:
        raise forms.ValidationError("", code="invalid") from error
    return opened


def _whole(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 86_400_000:
        raise ValueError
    return number
