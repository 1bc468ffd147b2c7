"""The pages behind the link of an invitation: the date of birth, then a password. Nobody is known yet."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from apps.authentication.types import EmailTaken, WeakPassword
from apps.core.patients import services
from apps.core.patients.types import OpenPortalInvitation, PortalInvitationOver, WrongBirthDate
from apps.foundation.web.guards import public
from apps.foundation.web.pages import render_page
from apps.portal.forms import BirthDateForm, OwnPasswordForm

_INVITED = "somebody invited has no account yet; without the secret of an invitation there is nothing to see"
_SECRET, _BORN = "portal_invitation", "portal_born"


@public(reason=_INVITED)
@require_safe
def follow(request: HttpRequest) -> HttpResponse:
    """The link of the mail. The session keeps its secret, so that no page's own address holds it.

    Opening the link uses nothing up: programs that read mail ahead of people open links too.
    """
    secret = request.GET.get("secret", "")
    if secret:
        request.session[_SECRET] = secret
        request.session.pop(_BORN, None)
    answer = HttpResponseRedirect(reverse("portal_birth_date"))
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer


@public(reason=_INVITED)
@require_http_methods(["GET", "HEAD", "POST"])
def birth_date(request: HttpRequest) -> HttpResponse:
    """When were you born? Five wrong answers end the link."""
    secret, now = request.session.get(_SECRET, ""), timezone.now()
    try:
        found = services.open_portal_invitation(secret=secret, now=now)
        with translation.override(_spoken(request, found)):
            form = BirthDateForm(request.POST if request.method == "POST" else None)
            if request.method == "POST" and form.is_valid():
                try:
                    services.prove_birth_date(secret=secret, date_of_birth=form.born(), now=now, **_where(request))
                except WrongBirthDate as wrong:
                    if not wrong.tries_left:
                        raise PortalInvitationOver from None
                    form.add_error(None, _wrong(wrong.tries_left))
                else:
                    request.session[_BORN] = form.born().isoformat()
                    return HttpResponseRedirect(reverse("portal_password"))
            return render_page(request, "portal/birth_date.html", {"form": form}, status=422 if form.errors else 200)
    except PortalInvitationOver:
        return _over(request)


@public(reason=_INVITED)
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """A password and a language; then the account is there and the link is used up."""
    secret, born = request.session.get(_SECRET, ""), request.session.get(_BORN, "")
    try:
        found = services.open_portal_invitation(secret=secret, now=timezone.now())
        if not born:
            return HttpResponseRedirect(reverse("portal_birth_date"))
        with translation.override(_spoken(request, found)):
            return _password_page(request, found, secret, date.fromisoformat(born))
    except (PortalInvitationOver, WrongBirthDate):
        return _over(request)


def _password_page(request: HttpRequest, found: OpenPortalInvitation, secret: str, born: date) -> HttpResponse:
    form = OwnPasswordForm(
        request.POST if request.method == "POST" else None, initial={"language": _spoken(request, found)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.accept_portal_invitation(
                secret=secret,
                date_of_birth=born,
                password=form.cleaned_data["password"],
                language=form.cleaned_data["language"],
                now=timezone.now(),
                **_where(request),
            )
        except WeakPassword as weak:
            form.add_error("password", list(weak.messages))
        except EmailTaken:
            form.add_error(
                None, _("This e-mail is in use for another account. Ask your team to invite you with another one.")
            )
        else:
            for name in (_SECRET, _BORN):
                request.session.pop(name, None)
            messages.success(request, _("Your account is ready. Sign in with your e-mail and your new password."))
            return HttpResponseRedirect(reverse("account_login"))
    return render_page(request, "portal/password.html", {"form": form}, status=422 if form.errors else 200)


def _spoken(request: HttpRequest, found: OpenPortalInvitation) -> str:
    """The language of the invitation, unless the person chose another one on the page."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    return translation.get_language() if chosen else found.language


def _wrong(left: int) -> str:
    return ngettext(
        "This date does not fit. You can try %(count)s more time.",
        "This date does not fit. You can try %(count)s more times.",
        left,
    ) % {"count": left}


def _where(request: HttpRequest) -> dict[str, str]:
    return {"ip": str(request.META.get("REMOTE_ADDR", "")), "request_id": getattr(request, "request_id", "")}


def _over(request: HttpRequest) -> HttpResponse:
    for name in (_SECRET, _BORN):
        request.session.pop(name, None)
    return render_page(request, "portal/over.html", status=404)
