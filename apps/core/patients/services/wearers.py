"""Handing a device to a patient, and making sure that it is they who measure."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.patients.models import Device, DeviceAssignment
from apps.core.patients.selectors.devices import serial_tag
from apps.core.patients.services.devices import add_device, begin_wear, checked_model
from apps.core.patients.services.records import lock_open_record, lock_record
from apps.core.patients.types import AssignmentOverlap, DeviceWorn, InvalidDevice, NotFound, Transport
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def hand_over_device(
    *,
    patient_id: UUID,
    model: str,
    serial: str,
    serial_again: str,
    starts_at: datetime,
    transport: Transport = Transport.HUB,
    by: Actor,
) -> UUID:
    """The patient wears the device with this serial from then on; the assignment's id is returned.

    A device that the practice did not know is registered in the same change; one that it has must be free and of this
    model. Raises NotFound, SerialMismatch, InvalidDevice, SerialTaken where another practice has it, InvalidPeriod for
    an archived patient, or DeviceWorn, which names the device to those who may look it up and nobody who wears it.
    """
    by.require(Permission.DEVICE_ASSIGN)
    code = checked_model(serial=serial, serial_again=serial_again, model=model)
    with audit.change("device.assign", subject=("patient", patient_id), by=by) as log:
        patient = lock_record(patient_id)
        device: Device | None = Device.objects.select_for_update().filter(serial_tag=serial_tag(serial)).first()
        if device is None:
            by.require(Permission.DEVICE_REGISTER)
            device = add_device(serial, code, transport)
        elif device.model != code:
            raise InvalidDevice("model")
        try:
            assignment = begin_wear(device, patient, starts_at)
        except AssignmentOverlap:
            raise DeviceWorn(device.id) from None
        log.note(device=device.id, assignment=assignment.id)
        return assignment.id


def confirm_wearer(*, patient_id: UUID, assignment_id: UUID, by: Actor) -> None:
    """Somebody has made sure that the first reading of the device was the patient's own.

    Raises NotFound where no reading of this wearer waits for that any more, or InvalidPatient for an archived record.
    """
    by.require(Permission.DEVICE_ASSIGN)
    with audit.change("patient.wearer_confirm", subject=("patient", patient_id), by=by):
        lock_open_record(patient_id)
        row: DeviceAssignment | None = DeviceAssignment.objects.filter(
            id=assignment_id, patient_id=patient_id, first_reading_at__isnull=False, confirmed_at__isnull=True
        ).first()
        if row is None:
            raise NotFound("assignment")
        row.confirmed_at = timezone.now()
        row.confirmed_by_id = by.person_id
        row.save()
