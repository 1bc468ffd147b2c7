"""The portal as staff see it on the record: who was invited, who signs in, and the end of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.portal import PortalEndForm, PortalInviteForm
from apps.core.patients.types import AlreadyInPortal, InvalidPatient, IssuedPortalInvitation
from apps.core.patients.views.acts import ABSENT, FORM, Asked
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import go_to, render_dialog, render_page


@guard(Permission.PORTAL_INVITE, not_found=ABSENT)
@require_safe
def standing(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A section of the record: whether the patient signs in, or was asked to."""
    by = request.actor  # type: ignore[attr-defined]
    found = selectors.portal_standing(patient_id, by=by, now=timezone.now())
    banner = selectors.patient_banners([patient_id], by=by)[patient_id]
    context = {"standing": found, "banner": banner}
    return render_page(request, "patients/portal.html", context, partials=("portal",))


@guard(Permission.PORTAL_INVITE, not_found=ABSENT)
@FORM
def invite(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask the patient to open an account; what was sent before works no more."""
    by, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    found = selectors.portal_standing(patient_id, by=by, now=now)
    form = PortalInviteForm(
        request.POST if request.method == "POST" else None, initial={"email": found.email, "language": found.language}
    )
    if request.method == "POST" and form.is_valid():
        try:
            issued = services.invite_to_portal(patient_id=patient_id, by=by, now=now, **form.entered())
        except AlreadyInPortal:
            form.add_error(None, _("The patient signs in already. End that access first to invite them anew."))
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        else:
            return _mailed(request, patient_id, issued)
    asked = Asked(
        title=_("Invite to the patient portal"),
        lead=_(
            "The mail names neither the patient nor the practice. Its link works for 7 days and asks for their date"
            " of birth."
        ),
        submit=_("Send the invitation"),
        done="",
    )
    return _asked(request, patient_id, form, asked)


@guard(Permission.PORTAL_INVITE, not_found=ABSENT)
@require_POST
def revoke(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The link that was sent works no more."""
    by = request.actor  # type: ignore[attr-defined]
    services.revoke_portal_invitation(patient_id=patient_id, by=by, now=timezone.now())
    messages.success(request, _("The invitation was taken back; its link works no more."))
    return go_to(request, reverse("patients:record", args=[patient_id]))


@guard(Permission.PORTAL_INVITE, not_found=ABSENT)
@FORM
def end(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The patient signs in no more, from this moment on."""
    by, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    form = PortalEndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.end_portal_access(patient_id=patient_id, by=by, now=now, **form.entered())
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        else:
            messages.success(request, _("The access has ended; the patient is signed out."))
            return go_to(request, reverse("patients:record", args=[patient_id]))
    asked = Asked(
        title=_("End the portal access"),
        lead=_("The patient is signed out at once. Nothing of the record is lost, and they may be invited again."),
        submit=_("End the access"),
        done="",
        is_ending=True,
    )
    return _asked(request, patient_id, form, asked)


@guard(Permission.MEMBER_CHANGE, not_found=ABSENT)
@require_POST
def unlock(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The patient may try to sign in again, whatever failed before."""
    services.unlock_portal(patient_id=patient_id, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("The patient may try to sign in again."))
    return go_to(request, reverse("patients:record", args=[patient_id]))


def _asked(
    request: HttpRequest, patient_id: UUID, form: PortalInviteForm | PortalEndForm, asked: Asked
) -> HttpResponse:
    banner = selectors.patient_banner(patient_id, by=request.actor)  # type: ignore[attr-defined]
    context = {"banner": banner, "form": form, "asked": asked, "back": reverse("patients:record", args=[patient_id])}
    return render_dialog(request, "patients/portal_form.html", context, wrong=bool(form.errors))


def _mailed(request: HttpRequest, patient_id: UUID, issued: IssuedPortalInvitation) -> HttpResponse:
    link = request.build_absolute_uri(f"{reverse('portal_invitation')}?secret={issued.secret}")
    by = request.actor  # type: ignore[attr-defined]
    if services.mail_portal_invitation(invitation_id=issued.id, link=link, by=by):
        messages.success(request, _("The invitation was sent."))
    else:
        messages.error(
            request, _("The invitation is kept, but the mail could not be sent. Send it again in a few minutes.")
        )
    return go_to(request, reverse("patients:record", args=[patient_id]))
