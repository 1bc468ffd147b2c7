"""The one page of this app: whom to tell about a weakness."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.foundation.web.guards import public

_GOOD_FOR = timedelta(days=180)


@public(reason="whoever finds a weakness must find whom to tell")
@require_safe
def security_contact(request: HttpRequest) -> HttpResponse:
    """RFC 9116, from SECURITY_CONTACT: addresses of mail, of a page or of a telephone. Not there while none is set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    ends = (timezone.now() + _GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        *(f"Contact: {_as_address(contact)}" for contact in settings.SECURITY_CONTACT),
        f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _ in settings.LANGUAGES)}",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    text = "".join(f"{line}\r\n" for line in lines)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=86400"})


def _as_address(contact: str) -> str:
    return contact if ":" in contact else f"mailto:{contact}"
