"""Inviting colleagues, and the page behind the link in their mail."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication import sessions
from apps.authentication.adapter import actor_behind
from apps.authentication.forms.invitations import NewPasswordForm
from apps.authentication.forms.people import InviteForm
from apps.authentication.rules import hash_of
from apps.authentication.selectors.invitations import open_invitation
from apps.authentication.selectors.roles import role_name
from apps.authentication.selectors.second_factor import next_step_of
from apps.authentication.services import invitations as services
from apps.authentication.types import EmailTaken, EndReason, Permission, WeakPassword
from apps.authentication.types.attempts import NextStep
from apps.authentication.types.colleagues import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    IssuedInvitation,
    NoSuchColleague,
    OpenInvitation,
    WrongAccount,
)
from apps.foundation.web.guards import guard, public
from apps.foundation.web.pages import render_page

_INVITED = "somebody invited has no account yet; without the secret of an invitation there is nothing to see"
_KEPT = "invitation"


@guard(Permission.MEMBER_CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Ask a colleague to join."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = services.invite_colleague(
                email=form.cleaned_data["email"],
                full_name=form.cleaned_data["full_name"],
                role=form.chosen_role(),
                is_biller=form.cleaned_data["is_biller"],
                now=timezone.now(),
                by=request.actor,  # type: ignore[attr-defined]
            )
        except AlreadyMember:
            form.add_error("email", _("Somebody with this e-mail works or worked here. Change them under People."))
        except AlreadyInvited:
            form.add_error("email", _("An invitation to this e-mail is open. Send it again under People."))
        else:
            return _mailed(request, issued)
    return render_page(request, "people/invite.html", {"form": form}, status=422 if form.errors else 200)


@guard(Permission.MEMBER_CHANGE, not_found=(NoSuchColleague,))
@require_POST
def resend(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """A new link, for another 7 days."""
    by = request.actor  # type: ignore[attr-defined]
    return _mailed(request, services.renew_invitation(invitation_id=invitation_id, now=timezone.now(), by=by))


@guard(Permission.MEMBER_CHANGE, not_found=(NoSuchColleague,))
@require_POST
def revoke(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """The link works no more."""
    by = request.actor  # type: ignore[attr-defined]
    services.revoke_invitation(invitation_id=invitation_id, now=timezone.now(), by=by)
    messages.success(request, _("The invitation was taken back; its link works no more."))
    return HttpResponseRedirect(reverse("people:people"))


@public(reason=_INVITED)
@require_safe
def follow(request: HttpRequest) -> HttpResponse:
    """The link of the mail. The session keeps the hash of its secret, so that no page's own address holds it.

    Opening the link uses nothing up: programs that read mail ahead of people open links too.
    """
    secret = request.GET.get("secret", "")
    if secret:
        request.session[_KEPT] = hash_of(secret)
    answer = HttpResponseRedirect(reverse("accept_invitation"))
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer


@public(reason=_INVITED)
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """A password for a new account; for somebody who has an account, one button once they are signed in."""
    try:
        found = open_invitation(request.session.get(_KEPT, ""), timezone.now())
        if found.user_id is None:
            return _accept_as_new(request, found)
        return _accept_as_member(request, found)
    except (InvitationOver, EmailTaken):
        request.session.pop(_KEPT, None)
        return render_page(request, "invitations/over.html", status=404)


def _accept_as_new(request: HttpRequest, found: OpenInvitation) -> HttpResponse:
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.accept_as_new(
                secret_hash=request.session[_KEPT],
                password=form.cleaned_data["password"],
                now=timezone.now(),
                by=actor_behind(request, None),
            )
        except WeakPassword as weak:
            form.add_error("password", list(weak.messages))
        else:
            request.session.pop(_KEPT, None)
            messages.success(request, _("Your account is ready. Sign in with your e-mail and the new password."))
            return HttpResponseRedirect(reverse("account_login"))
    context = {"invitation": found, "role": role_name(found.role), "form": form}
    return render_page(request, "invitations/accept.html", context, status=422 if form.errors else 200)


def _accept_as_member(request: HttpRequest, found: OpenInvitation) -> HttpResponse:
    is_invited = request.user.is_authenticated and request.user.pk == found.user_id
    if request.method == "POST" and is_invited:
        try:
            by = actor_behind(request, request.user)  # type: ignore[arg-type]
            practice_id = services.accept_as_member(secret_hash=request.session[_KEPT], now=timezone.now(), by=by)
        except WrongAccount:
            raise InvitationOver from None
        if next_step_of(request.user.pk) is NextStep.ENROL:
            logout(request)
            return HttpResponseRedirect(f"{reverse('account_login')}?ended={EndReason.NOT_PROVED}")
        request.session.pop(_KEPT, None)
        sessions.choose_practice(request.session, practice_id)
        messages.success(request, _("You now work in %(practice)s too.") % {"practice": found.practice_name})
        return HttpResponseRedirect(reverse("account"))
    context = {"invitation": found, "role": role_name(found.role), "is_invited": is_invited}
    return render_page(request, "invitations/join.html", context, status=403 if request.method == "POST" else 200)


def _mailed(request: HttpRequest, issued: IssuedInvitation) -> HttpResponse:
    link = request.build_absolute_uri(f"{reverse('follow_invitation')}?secret={issued.secret}")
    by = request.actor  # type: ignore[attr-defined]
    if services.mail_invitation(invitation_id=issued.id, link=link, by=by):
        messages.success(request, _("The invitation was sent."))
    else:
        messages.error(
            request, _("The invitation is kept, but the mail could not be sent. Send it again in a few minutes.")
        )
    return HttpResponseRedirect(reverse("people:people"))
