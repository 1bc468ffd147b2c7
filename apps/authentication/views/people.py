"""The pages on which an administrator looks after the people of the practice."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.authentication.forms.people import RoleForm
from apps.authentication.selectors.api_keys import count_live_keys_of
from apps.authentication.selectors.invitations import pending_invitations
from apps.authentication.selectors.people import find_colleague, list_colleagues, works_elsewhere
from apps.authentication.selectors.roles import role_name
from apps.authentication.services.colleagues import (
    reset_colleague_second_factor,
    sign_out_colleague,
    unlock_colleague,
)
from apps.authentication.services.people import change_membership, deactivate_member, reactivate_member
from apps.authentication.types import LastAdministrator, Permission
from apps.authentication.types.colleagues import Colleague, NoSuchColleague, NotFromHere
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page

_of_this_practice = guard(Permission.MEMBER_CHANGE, not_found=(NoSuchColleague,))


@guard(Permission.MEMBER_CHANGE)
@require_http_methods(["GET", "HEAD"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with a way into the practice, and who was asked to join."""
    now = timezone.now()
    rows = [(one, role_name(one.role)) for one in list_colleagues(now)]
    invited = [(one, role_name(one.role)) for one in pending_invitations(now)]
    return render_page(request, "people/people.html", {"rows": rows, "invited": invited})


@_of_this_practice
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One colleague, and the form that changes what they may do."""
    colleague = find_colleague(person_id, timezone.now())
    held = {"role": colleague.role.value, "is_biller": colleague.is_biller}
    form = RoleForm(request.POST if request.method == "POST" else None, initial=held)
    if request.method == "POST" and form.is_valid():
        try:
            change_membership(
                user_id=person_id,
                role=form.chosen_role(),
                is_biller=form.cleaned_data["is_biller"],
                is_active=colleague.is_active,
                by=_actor(request),
            )
        except LastAdministrator:
            form.add_error("role", _needed())
        else:
            messages.success(request, _("Saved. It holds from their next click on."))
            return _back(person_id)
    return render_page(request, "people/person.html", _context(request, colleague, form), status=_status(form))


def _left(person_id: UUID) -> Iterator[str]:
    """What is said after somebody left: whoever issued a key has seen its secret."""
    yield _("They work here no more, and were signed out everywhere.")
    if keys := count_live_keys_of(person_id, timezone.now()):
        yield ngettext(
            "They know the secret of %(count)s API key that still works: replace it.",
            "They know the secrets of %(count)s API keys that still work: replace them.",
            keys,
        ) % {"count": keys}


def _changes(change: Callable[..., Any], said: Callable[[UUID], str]) -> Callable[..., HttpResponse]:
    """A button of the colleague's page: the service is called, and the page says what became of it."""

    def pressed(request: HttpRequest, person_id: UUID) -> HttpResponse:
        try:
            change(user_id=person_id, by=_actor(request))
        except LastAdministrator:
            messages.error(request, _needed())
        except NotFromHere:
            messages.error(request, _("This can't be done from here. Nothing was changed."))
        else:
            messages.success(request, said(person_id))
        return _back(person_id)

    pressed.__name__ = change.__name__  # what the log of refusals calls it
    return _of_this_practice(require_POST(pressed))


deactivate = _changes(deactivate_member, lambda person_id: " ".join(_left(person_id)))
reactivate = _changes(reactivate_member, lambda person_id: _("They work here again, in the role they had."))
unlock = _changes(unlock_colleague, lambda person_id: _("They may try to sign in again."))
sign_out = _changes(sign_out_colleague, lambda person_id: _("They were signed out everywhere."))
reset_second_factor = _changes(
    reset_colleague_second_factor,
    lambda person_id: _(
        "Their authenticator app and recovery codes work no more. They set up a new one after the password."
    ),
)


def _context(request: HttpRequest, colleague: Colleague, form: RoleForm) -> dict[str, Any]:
    return {
        "person": colleague,
        "role": role_name(colleague.role),
        "form": form,
        "is_own": colleague.user_id == _actor(request).user_id,
        "is_shared": works_elsewhere(colleague.user_id),
    }


def _needed() -> str:
    return _("The practice needs an administrator. Make somebody else one first.")


def _back(person_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("people:person", args=[person_id]))


def _status(form: RoleForm) -> int:
    return 422 if form.errors else 200


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
