"""Handing a device to a patient, and asking whether its first reading was theirs."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.programs import HandOverForm
from apps.core.patients.types import (
    AssignmentOverlap,
    DeviceWorn,
    InvalidDevice,
    InvalidPeriod,
    SerialMismatch,
    SerialTaken,
)
from apps.core.patients.views.acts import ABSENT, at_once
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.DEVICE_ASSIGN, not_found=ABSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A device by its serial, registered where it is new, and from then on this patient's."""
    by = request.actor  # type: ignore[attr-defined]
    form = HandOverForm(request.POST or None)
    worn: UUID | None = None
    if request.method == "POST" and form.is_valid():
        try:
            services.hand_over_device(patient_id=patient_id, **form.cleaned_data, by=by)
        except DeviceWorn as refusal:
            worn = refusal.device_id
            form.add_error("serial", _("Another patient wears this device. Nothing was changed."))
        except SerialMismatch:
            form.add_error("serial_again", _("The two serial numbers differ. Check the label."))
        except SerialTaken:
            form.add_error("serial", _("A device with this serial number is already registered."))
        except InvalidDevice as refusal:
            form.add_error(*_fault(refusal))
        except (AssignmentOverlap, InvalidPeriod):
            form.add_error(None, _("The patient is archived and wears no devices."))
        else:
            messages.success(request, _("The device is the patient’s. Readings appear with the first measurement."))
            return HttpResponseRedirect(reverse("patients:record", args=[patient_id]))
    banner = selectors.patient_banner(patient_id, by=by)
    context = {"form": form, "banner": banner, "worn": worn}
    return render_page(request, "patients/hand_over.html", context, status=422 if form.errors else 200)


@guard(Permission.DEVICE_ASSIGN, not_found=ABSENT)
@require_POST
def confirm_wearer(request: HttpRequest, patient_id: UUID, assignment_id: UUID) -> HttpResponse:
    """The first reading was the patient's own."""

    return at_once(
        request,
        patient_id,
        partial(services.confirm_wearer, assignment_id=assignment_id),
        done=_("Confirmed: the readings are the patient’s."),
        back="patients:chart",
    )


@guard(Permission.DEVICE_ASSIGN, not_found=ABSENT)
@require_safe
def doubt_wearer(request: HttpRequest, patient_id: UUID, assignment_id: UUID) -> HttpResponse:
    """What to do when nobody can say that it was the patient who measured."""
    view = selectors.worn_by(patient_id, assignment_id, by=request.actor)  # type: ignore[attr-defined]
    context = {"view": view, "banner": selectors.patient_banners([patient_id])[patient_id]}
    return render_page(request, "patients/doubt_wearer.html", context)


def _fault(refusal: InvalidDevice) -> tuple[str, str]:
    if str(refusal) == "model":
        return "model", _("The practice knows this serial number as a device of another model.")
    return "serial", _("A serial number has letters, digits and hyphens.")
