"""The device inventory: register with the serial typed twice, assign, release."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.devices import AssignByNumberForm, DeviceForm, InventoryForm, ReleaseDeviceForm
from apps.core.patients.tables import DeviceTable
from apps.core.patients.types import (
    AccessKind,
    AssignmentOverlap,
    InvalidDevice,
    InvalidPeriod,
    NotFound,
    SerialMismatch,
    SerialTaken,
)
from apps.core.patients.views.emergency import refused_page
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, posted_or_addressed, render_list, render_page


@guard(Permission.DEVICE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def device_list(request: HttpRequest) -> HttpResponse:
    """Every device of the practice with its wearer, the newest first."""
    by = request.actor  # type: ignore[attr-defined]
    entered = posted_or_addressed(request)
    form = InventoryForm(entered)
    page = selectors.device_page(by=by, assigned=form.assigned(), page=page_number(entered))
    wearers = selectors.patient_banners([one.patient_id for one in page.rows if one.patient_id], by=by)
    table = DeviceTable(page.rows, wearers=wearers, may_assign=by.may(Permission.DEVICE_ASSIGN))
    return render_list(request, "devices/device_list.html", table=table, form=form, page=page)


@guard(Permission.DEVICE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Ask for a device until it is right; readings that waited for its serial then find it."""
    form = DeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.register_device(**form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        except SerialMismatch:
            form.add_error("serial_again", _("The two serial numbers differ. Check the label."))
        except SerialTaken:
            form.add_error("serial", _("A device with this serial number is already registered."))
        except InvalidDevice:
            form.add_error("serial", _("A serial number has letters, digits and hyphens."))
        else:
            messages.success(request, _("The device is registered. Nobody wears it yet."))
            return HttpResponseRedirect(reverse("devices:list"))
    return render_page(request, "devices/register.html", {"form": form}, status=422 if form.errors else 200)


@guard(Permission.DEVICE_ASSIGN, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Give a free device to the patient whose MRN and date of birth were both typed right."""
    by = request.actor  # type: ignore[attr-defined]
    device = selectors.device_detail(device_id, by=by)
    form = AssignByNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        wearer = selectors.patient_by_identifiers(
            mrn=entered["mrn"], date_of_birth=entered["born"], by=by, action="device.assign"
        )
        if wearer is None:
            form.add_error(None, _("No active patient has this MRN and this date of birth."))
        else:
            try:
                services.assign_device(device_id=device_id, patient_id=wearer.id, starts_at=entered["starts_at"], by=by)
            except (AssignmentOverlap, InvalidPeriod):
                form.add_error("starts_at", _("Somebody wears this device then or later."))
            else:
                messages.success(request, _("The device is assigned."))
                return HttpResponseRedirect(reverse("patients:chart", args=[wearer.id]))
    context = {"form": form, "device": device}
    return render_page(request, "devices/assign.html", context, status=422 if form.errors else 200)


@guard(Permission.DEVICE_ASSIGN, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """End the present wearer's period at a moment that the person names."""
    by = request.actor  # type: ignore[attr-defined]
    device = selectors.device_detail(device_id, by=by)
    if device.patient_id is None:
        raise NotFound("assignment")
    access = selectors.access_to(device.patient_id, by=by)
    if access is not None and access.kind is AccessKind.OUTSIDE:
        # The address names the device only, so the panels' own door has let it pass.
        services.record_refusal(patient_id=device.patient_id, view="devices:release", by=by)
        return refused_page(request, device.patient_id)
    form = ReleaseDeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.release_device(device_id=device_id, at=form.cleaned_data["at"], by=by)
        except InvalidPeriod:
            form.add_error("at", _("This is before the patient got the device."))
        else:
            messages.success(request, _("The device is free. The patient's readings stay where they are."))
            return HttpResponseRedirect(reverse("devices:list"))
    wearer = selectors.patient_banners([device.patient_id], by=by).get(device.patient_id)
    context = {"form": form, "device": device, "wearer": wearer}
    return render_page(request, "devices/release.html", context, status=422 if form.errors else 200)
