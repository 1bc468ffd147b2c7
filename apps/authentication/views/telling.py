"""How somebody wants to be told: their own page with their browsers and phones, and the practice's page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.forms.telling import PolicyForm, PreferencesForm
from apps.authentication.rules.sessions import browser_named
from apps.authentication.types import Permission
from apps.foundation.notifications import services
from apps.foundation.notifications.selectors import destinations_of, policy_in_scope, preferences_of, push_key
from apps.foundation.notifications.selectors.wording import CHANNELS
from apps.foundation.notifications.types import NotificationNotFound, WrongDestination
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard, public
from apps.foundation.web.pages import render_page

_own = guard(Permission.TRIAGE_READ, not_found=(NotificationNotFound,))


@_own
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """What reaches somebody, by which way, and when it is quiet."""
    by = _actor(request)
    held, policy = preferences_of(by.user_id), policy_in_scope()  # type: ignore[arg-type]
    form = PreferencesForm(request.POST if request.method == "POST" else None, held=held, policy=policy, role=by.role)
    if request.method == "POST" and form.is_valid():
        services.change_preferences(preferences=form.preferences(), by=by)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("notification_preferences"))
    places = [(place, CHANNELS[place.channel]) for place in destinations_of(by=by)]
    context = {"form": form, "places": places, "push_key": push_key()}
    return render_page(request, "notifications/preferences.html", context, status=422 if form.errors else 200)


@_own
@require_POST
def add_browser(request: HttpRequest) -> HttpResponse:
    """This browser gets pushes; called by the page's script with the subscription that the browser made."""
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    label = browser_named(request.headers.get("User-Agent", ""))
    try:
        services.register_browser(
            subscription=given,
            vapid=request.POST.get("vapid", "")[:200],
            label=label,
            by=_actor(request),
            now=timezone.now(),
        )
    except WrongDestination:
        return HttpResponse(status=422)
    return HttpResponse(status=204)


@_own
@require_POST
def remove(request: HttpRequest, destination_id: UUID) -> HttpResponse:
    """A browser or phone gets nothing any more."""
    services.remove_destination(destination_id=destination_id, by=_actor(request), now=timezone.now())
    messages.success(request, _("It gets no more push notifications."))
    return HttpResponseRedirect(reverse("notification_preferences"))


@_own
@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """Something to see whether it arrives."""
    services.send_trial(by=_actor(request))
    messages.success(request, _("A trial notification is on its way. It arrives within half a minute."))
    return HttpResponseRedirect(reverse("notification_preferences"))


@guard(Permission.PRACTICE_CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """How the practice tells those who chose nothing themselves."""
    form = PolicyForm(request.POST if request.method == "POST" else None, held=policy_in_scope())
    if request.method == "POST" and form.is_valid():
        services.change_policy(policy=form.policy(), by=_actor(request))
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("notification_policy"))
    return render_page(request, "notifications/policy.html", {"form": form}, status=422 if form.errors else 200)


@public(reason="a script of ours, the same for everybody; a browser fetches it without a session")
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """What shows a push in the browser. At the root, so that it may open any page of ours."""
    response = render(request, "notifications/sw.js", content_type="text/javascript")
    response["Cache-Control"] = "no-store"
    return response


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
