"""Error pages that say what to do and show nothing of the request; under /api/ they are problem details."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.foundation.web.problems import plain_problem

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for a request that makes no sense, or whose body is too long."""
    if isinstance(exception, RequestDataTooBig):
        return refuse_body(request, 413)
    if request.path.startswith(API):
        return plain_problem(400)
    return render(request, "400.html", status=400)


def refuse_body(request: HttpRequest, status: int) -> HttpResponse:
    """The answer to a body that is too long (413) or does not say how long it is (411)."""
    text = _("The body is too long.") if status == 413 else _("Say how long the body is (Content-Length).")
    if request.path.startswith(API):
        return plain_problem(status, text)
    response = render(request, "413.html", {"status": status}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for somebody who may not do this."""
    if request.path.startswith(API):
        return plain_problem(403)
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for what is not there, or not this practice's."""
    if request.path.startswith(API):
        return plain_problem(404)
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for a bug. It shows the request's id and nothing else."""
    request_id = getattr(request, "request_id", "")
    if request.path.startswith(API):
        return plain_problem(500, request_id=request_id)
    return render(request, "500.html", {"request_id": request_id}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that was open too long or came from elsewhere.

    A fragment makes its page load anew: whoever signed out or in elsewhere then sees what holds now.
    """
    response = render(request, "403_csrf.html", status=403)
    if request.headers.get("HX-Request"):
        response.headers["HX-Refresh"] = "true"
    return response
