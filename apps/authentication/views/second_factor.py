"""The pages of the second factor: at sign-in, while the person is still anonymous, and in the account."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import segno
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import clear_login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.authentication import sessions
from apps.authentication.adapter import actor_behind, locked_error
from apps.authentication.forms.second_factor import AppCodeForm, CodeForm, OwnPasswordOnlyForm, SwitchOffForm
from apps.authentication.forms.sign_in import status_of
from apps.authentication.selectors.second_factor import next_step_of, second_factor_of
from apps.authentication.services import second_factor as services
from apps.authentication.stages import STAGE, SecondFactorStage
from apps.authentication.types.attempts import (
    AlreadyEnrolled,
    Enrolment,
    LockedOut,
    NextStep,
    NotEnrolled,
    SecondFactorNeeded,
    WrongCode,
)
from apps.foundation.web.guards import public
from apps.foundation.web.pages import render_page

View = Callable[..., HttpResponse]
_QUIET_ZONE = 4
_BEGUN = "second_factor_begun"


def _half_signed_in(view: View) -> View:
    """For whoever typed the right password a moment ago and is not in yet. Others go to the sign-in page."""

    @public(reason="between password and code nobody is signed in yet; allauth's session knows whose turn it is")
    @sensitive_post_parameters("code")
    @require_http_methods(["GET", "HEAD", "POST"])
    @login_stage_required(stage=STAGE, redirect_urlname="account_login")
    @wraps(view)
    def staged(request: HttpRequest) -> HttpResponse:
        stage: SecondFactorStage = request._login_stage  # type: ignore[attr-defined]
        if not stage.still_holds:
            clear_login(request)
            return redirect("account_login")
        return view(request, stage)

    return staged


def _own_account(view: View) -> View:
    """For whoever is signed in, about nobody but them."""

    @public(reason="about nobody but the signed-in person, who may belong to no practice; it asks for sign-in itself")
    @sensitive_post_parameters("code", "password")
    @never_cache
    @login_required
    @wraps(view)
    def own(request: HttpRequest) -> HttpResponse:
        return view(request)

    return own


@_half_signed_in
def sign_in_code(request: HttpRequest, stage: SecondFactorStage) -> HttpResponse:
    """The code that lets the person in."""
    user = stage.login.user
    if next_step_of(user.pk) is not NextStep.CODE:
        return redirect(stage.urlname)
    form = CodeForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        by = actor_behind(request, user)
        if _accepted(form, lambda code: services.prove_second_factor(user_id=user.pk, code=code, by=by)):
            return stage.prove()
    return render_page(request, "account/sign_in_code.html", {"form": form}, status=status_of(form))


@_half_signed_in
def sign_in_enrol(request: HttpRequest, stage: SecondFactorStage) -> HttpResponse:
    """Whoever owes a second factor sets it up before they are in; then the recovery codes, once."""
    user = stage.login.user
    if next_step_of(user.pk) is not NextStep.ENROL:
        return redirect(stage.urlname)
    if request.method == "POST" and "begin" in request.POST:
        _begin(request, user.pk)
        return redirect("sign_in_enrol")
    return _enrolment(request, user, "account/sign_in_enrol.html", goes_on=lambda: stage.prove()["Location"])


@require_POST
@public(reason="whoever does not want to go on signing in may start anew")
def sign_in_anew(request: HttpRequest) -> HttpResponse:
    """The half-finished sign-in is forgotten."""
    clear_login(request)
    return redirect("account_login")


@_own_account
@require_http_methods(["GET", "HEAD"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Whether it is on, and what can be done about it."""
    state = second_factor_of(_own_id(request))
    return render_page(request, "account/second_factor.html", {"state": state})


@_own_account
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """The password again, then a new secret for the app."""
    own = _own_id(request)
    form = OwnPasswordOnlyForm(_posted(request), user_id=own, by=actor_behind(request, request.user))
    if second_factor_of(own).is_on:
        return redirect("second_factor")
    if request.method == "POST" and form.is_valid():
        _begin(request, own)
        return redirect("second_factor_enrol")
    return render_page(request, "account/second_factor_begin.html", {"form": form}, status=status_of(form))


@_own_account
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """The QR code; the first right code switches it on; then the recovery codes, once."""
    own = _own_id(request)
    if services.open_enrolment(user_id=own, enrolment_id=_begun(request)) is None:
        return redirect("second_factor")
    return _enrolment(
        request, request.user, "account/second_factor_enrol.html", goes_on=lambda: reverse("second_factor")
    )


@_own_account
@require_http_methods(["GET", "HEAD", "POST"])
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes for a code."""
    own, by = _own_id(request), actor_behind(request, request.user)
    if not second_factor_of(own).is_on:
        return redirect("second_factor")
    form = CodeForm(_posted(request))
    shown: list[str] = []
    if request.method == "POST" and form.is_valid():
        renewed = _accepted(
            form, lambda code: shown.extend(services.renew_recovery_codes(user_id=own, code=code, by=by))
        )
        if renewed:
            return _codes(request, shown, reverse("second_factor"))
    return render_page(request, "account/recovery_codes_new.html", {"form": form}, status=status_of(form))


@_own_account
@require_http_methods(["GET", "HEAD", "POST"])
def switch_off(request: HttpRequest) -> HttpResponse:
    """Password and code, then signing in asks for the password alone. Not where the practice asks for it."""
    own, by = _own_id(request), actor_behind(request, request.user)
    state = second_factor_of(own)
    if not state.is_on or state.is_required:
        return redirect("second_factor")
    form = SwitchOffForm(_posted(request), user_id=own, by=by)
    if (
        request.method == "POST"
        and form.is_valid()
        and _accepted(form, lambda code: services.switch_off_second_factor(user_id=own, code=code, by=by))
    ):
        messages.success(request, _("The second factor is off. You sign in with your password alone."))
        return redirect("second_factor")
    return render_page(request, "account/second_factor_off.html", {"form": form}, status=status_of(form))


def _enrolment(request: HttpRequest, user: Any, template: str, *, goes_on: Callable[[], str]) -> HttpResponse:
    enrolment = services.open_enrolment(user_id=user.pk, enrolment_id=_begun(request))
    form = AppCodeForm(_posted(request))
    shown: list[str] = []
    if enrolment is not None and request.method == "POST" and form.is_valid():
        about: dict[str, Any] = {
            "user_id": user.pk,
            "enrolment_id": enrolment.id,
            "by": actor_behind(request, user),
            "keep": sessions.key_hash(request.session),
        }
        if _accepted(form, lambda code: shown.extend(services.confirm_enrolment(code=code, **about))):
            request.session.pop(_BEGUN, None)
            return _codes(request, shown, goes_on())
    return render_page(request, template, {"form": form, **_shown(enrolment)}, status=status_of(form))


def _begin(request: HttpRequest, user_id: UUID) -> None:
    """The session remembers that the waiting secret is its own."""
    request.session[_BEGUN] = str(services.begin_enrolment(user_id=user_id).id)


def _begun(request: HttpRequest) -> UUID | None:
    begun = request.session.get(_BEGUN)
    return UUID(begun) if begun else None


def _accepted(form: Form, use: Callable[[str], Any]) -> bool:
    """Whether the code was right; if not, the form says what is wrong."""
    try:
        use(form.cleaned_data["code"])
    except LockedOut as lock:
        form.add_error(None, locked_error(lock))
    except WrongCode:
        form.add_error("code", _("This code is not right, or was used already. Wait for the next one."))
    except (AlreadyEnrolled, NotEnrolled, SecondFactorNeeded):
        form.add_error(None, _("Something changed meanwhile. Nothing was done. Please start again."))
    else:
        return True
    return False


def _codes(request: HttpRequest, codes: list[str], goes_on: str) -> HttpResponse:
    return render_page(request, "account/recovery_codes.html", {"codes": codes, "goes_on": goes_on})


def _shown(enrolment: Enrolment | None) -> dict[str, Any]:
    if enrolment is None:
        return {"enrolment": None}
    rows = list(segno.make(enrolment.address, error="m", micro=False).matrix)
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    side = len(rows) + 2 * _QUIET_ZONE
    groups = [enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4)]
    return {
        "enrolment": enrolment,
        "qr_path": "".join(dark),
        "qr_box": f"{-_QUIET_ZONE} {-_QUIET_ZONE} {side} {side}",
        "qr_side": side,
        "qr_start": -_QUIET_ZONE,
        "secret": " ".join(groups),
    }


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _own_id(request: HttpRequest) -> UUID:
    own: UUID = request.user.pk  # type: ignore[assignment]
    return own
