"""One way to answer with HTML: the whole page, or the part of it that htmx asked for."""

from collections.abc import Collection, Mapping
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.translation import ngettext

from apps.foundation.web.tables import PageTable
from apps.foundation.web.types import Paged


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    partials: Collection[str] | Mapping[str, str] = (),
    live: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or its named partial when htmx targets one of `partials`.

    The partial's name is the id of the element it fills; where a page holds the element many times, `partials` maps
    each id to the name. `live` is one sentence for the aria-live line, such as the
    number of rows found; it rides along out of band. Nothing rendered here may be stored by a browser or a proxy.
    """
    partial = requested_partial(request, partials)
    name = f"{template}#{partial}" if partial else template
    response = render(request, name, {**(context or {}), "live": live, "is_partial": bool(partial)}, status=status)
    if partial and live:
        response.write(live_line(live))
    return seal_response(response)


def render_list(
    request: HttpRequest,
    template: str,
    *,
    table: PageTable,
    form: BaseForm,
    page: Paged,
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The one list page: a filter form, a table of the page shown, a pager that submits the form, and the count.

    The filter form is posted, so that what somebody searches for never stands in an address; the partial is `list`.
    """
    found = ngettext("%(count)s found", "%(count)s found", page.total) % {"count": page.total}
    shared = {"table": table, "form": form, "page": page, "found": found}
    return render_page(request, template, {**(context or {}), **shared}, partials=("list",), live=found)


def render_dialog(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, wrong: bool = False
) -> HttpResponse:
    """A question as a page, or as the body of `#dialog` (the partial `dialog`).

    With something `wrong` it stays in the dialog that sent it, whatever the form would have filled had it been right.
    """
    if not (wrong and request.headers.get("HX-Request")):
        return render_page(request, template, context, partials=("dialog",), status=422 if wrong else 200)
    response = render_page(request, f"{template}#dialog", context, status=422)
    response["HX-Retarget"] = "#dialog"
    response["HX-Reswap"] = "innerHTML"
    return response


def posted_or_addressed(request: HttpRequest, *, only_posted: Collection[str] = ()) -> QueryDict:
    """What a filter form was sent: its body, or the address without the fields that may stand in no address."""
    if request.method == "POST":
        return request.POST
    addressed = request.GET.copy()
    for name in only_posted:
        addressed.pop(name, None)
    return addressed


def page_number(entered: QueryDict) -> int:
    """The page that was asked for; 1 where none or nonsense was."""
    asked = entered.get("page") or ""
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1


def requested_partial(request: HttpRequest, partials: Collection[str] | Mapping[str, str]) -> str:
    """The name out of `partials` that this request wants to fill, or "" when it wants the whole page."""
    headers = request.headers
    if headers.get("HX-Request") != "true" or headers.get("HX-Boosted") or headers.get("HX-History-Restore-Request"):
        return ""
    target = headers.get("HX-Target", "")
    if target not in partials:
        return ""
    return partials[target] if isinstance(partials, Mapping) else target


def live_line(text: str) -> str:
    """The out-of-band fragment that makes a screen reader say `text`."""
    return format_html('<p id="live" class="visually-hidden" role="status" hx-swap-oob="true">{}</p>', text)


def seal_response(response: HttpResponse) -> HttpResponse:
    """Mark a response as differing by HX-Request and HX-Target, and as nothing to be stored."""
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    response["Cache-Control"] = "no-store"
    return response


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Leave for another page, also from a dialog, whose answer htmx would else swap in."""
    if request.headers.get("HX-Request"):
        return seal_response(HttpResponse(status=204, headers={"HX-Redirect": url}))
    return HttpResponseRedirect(url)


def unchanged() -> HttpResponse:
    """What a poll gets when there is nothing new: 204, which htmx leaves alone."""
    return seal_response(HttpResponse(status=204))
