"""The devices of one patient."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.devices import AssignDeviceForm
from apps.core.patients.types import AssignmentOverlap, InvalidPeriod, NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.DEVICE_READ, not_found=(NotFound,))
@require_safe
def patient_devices(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What the patient wears and wore."""
    by = request.actor  # type: ignore[attr-defined]
    views = selectors.devices_of(patient_id, by=by)
    context = {
        "banner": selectors.patient_banners([patient_id])[patient_id],
        "worn": [view for view in views if view.ends_at is None],
        "past": [view for view in views if view.ends_at is not None],
    }
    return render_page(request, "patients/devices.html", context, partials=("devices",))


@guard(Permission.DEVICE_ASSIGN, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def assign_to_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Choose a free device and the moment from which its readings are this patient's."""
    by = request.actor  # type: ignore[attr-defined]
    banner = selectors.patient_banner(patient_id, by=by)
    free = [(one.id, f"{one.model.name} · {one.serial}") for one in selectors.list_devices(by=by, assigned=False)]
    form = AssignDeviceForm(request.POST or None, free=free)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            services.assign_device(
                device_id=entered["device_id"], patient_id=patient_id, starts_at=entered["starts_at"], by=by
            )
        except AssignmentOverlap:
            form.add_error("starts_at", _("Somebody wears this device then or later."))
        except InvalidPeriod:
            form.add_error(None, _("The patient is archived and wears no devices."))
        else:
            messages.success(request, _("The device is assigned."))
            return HttpResponseRedirect(reverse("patients:chart", args=[patient_id]))
    context = {"form": form, "banner": banner, "has_free": bool(free)}
    return render_page(request, "patients/assign_device.html", context, status=422 if form.errors else 200)
