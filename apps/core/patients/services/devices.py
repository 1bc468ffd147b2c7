"""Registering devices, and who wears them when."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.patients.models import Device, DeviceAssignment, DeviceDirectory, Patient
from apps.core.patients.rules.patients import local_day
from apps.core.patients.rules.periods import CLOCK_TOLERANCE, serial_is_plausible
from apps.core.patients.selectors.devices import serial_tag
from apps.core.patients.selectors.patients import visible_patients
from apps.core.patients.types import (
    AssignmentOverlap,
    InvalidDevice,
    InvalidPeriod,
    NotFound,
    SerialMismatch,
    SerialTaken,
    Transport,
    device_model,
)
from apps.foundation.audit import services as audit
from apps.foundation.encryption.rules import normalise_code
from apps.foundation.tenancy.types import Actor

_SHORTEST = timedelta(microseconds=1)
"""A period never is empty: the database wants its end after its beginning."""


def register_device(
    *, serial: str, serial_again: str, model: str, transport: Transport = Transport.HUB, by: Actor
) -> UUID:
    """The device stands in the practice's inventory, worn by nobody; its id is returned.

    `model` is a code of the catalogue. The serial is asked twice because a wrong digit sends readings to quarantine or
    to someone else. Raises SerialMismatch, InvalidDevice, or SerialTaken wherever on the platform it is registered.
    """
    by.require(Permission.DEVICE_REGISTER)
    code = checked_model(serial=serial, serial_again=serial_again, model=model)
    with audit.change("device.register", by=by) as log:
        device = add_device(serial, code, transport)
        log.subject = ("device", device.id)
        return device.id


def assign_device(*, device_id: UUID, patient_id: UUID, starts_at: datetime, by: Actor) -> UUID:
    """The patient wears the device from `starts_at` on; the assignment's id is returned.

    Readings measured from that moment on are the patient's. Raises NotFound, InvalidPeriod for an archived patient, or
    AssignmentOverlap when someone wears it then or later.
    """
    by.require(Permission.DEVICE_ASSIGN)
    with audit.change("device.assign", subject=("patient", patient_id), by=by) as log:
        patient = _locked_patient(patient_id)
        assignment = begin_wear(_locked_device(device_id), patient, starts_at)
        log.note(device=device_id, assignment=assignment.id)
        return assignment.id


def release_device(*, device_id: UUID, at: datetime, by: Actor) -> UUID:
    """Nobody wears the device from `at` on; the ended assignment's id is returned.

    Raises NotFound when it is unknown or worn by nobody, or InvalidPeriod unless `at` is after the beginning and not
    to come.
    """
    by.require(Permission.DEVICE_ASSIGN)
    with audit.change("device.release", subject=("device", device_id), by=by) as log:
        _locked_device(device_id)
        assignment = DeviceAssignment.objects.filter(device_id=device_id, ends_at__isnull=True).first()
        if assignment is None:
            raise NotFound("assignment")
        if at <= assignment.starts_at:
            raise InvalidPeriod("a period ends after it began")
        if at > timezone.now() + CLOCK_TOLERANCE:
            raise InvalidPeriod("a release lies in the past")
        _end(assignment, at)
        log.concerns(("patient", assignment.patient_id))
        log.note(patient=assignment.patient_id, assignment=assignment.id)
        released: UUID = assignment.id
        return released


def release_all(patient_id: UUID, at: datetime) -> None:
    """The patient wears nothing from `at` on; what was to be worn only later ends as it begins.

    Runs inside the caller's audited change, which holds the patient's row.
    """
    worn = DeviceAssignment.objects.filter(patient_id=patient_id, ends_at__isnull=True)
    list(Device.objects.select_for_update().filter(id__in=worn.values("device_id")).order_by("id").values_list("id"))
    for assignment in worn:
        _end(assignment, max(at, assignment.starts_at + _SHORTEST))


def checked_model(*, serial: str, serial_again: str, model: str) -> str:
    """The model's code of the catalogue, if the serial was typed twice alike and can be one. Raises as registering."""
    if normalise_code(serial) != normalise_code(serial_again):
        raise SerialMismatch
    if not serial_is_plausible(serial):
        raise InvalidDevice("serial")
    try:
        return device_model(model).code
    except KeyError:
        raise InvalidDevice("model") from None


def add_device(serial: str, model: str, transport: Transport) -> Device:
    """A device of the practice in scope. Inside the caller's audited change. Raises SerialTaken."""
    device = Device(serial=serial.strip(), serial_tag=serial_tag(serial), model=model, transport=transport)
    try:
        with transaction.atomic():
            device.save()
            DeviceDirectory.of_device(device).save(force_insert=True)
    except IntegrityError:
        raise SerialTaken from None
    return device


def begin_wear(device: Device, patient: Patient, starts_at: datetime) -> DeviceAssignment:
    """The patient wears the device from then on. Inside the caller's audited change, which holds both rows.

    Raises InvalidPeriod for an archived patient, or AssignmentOverlap.
    """
    if not patient.active:
        raise InvalidPeriod("the patient is archived")
    _refuse_overlap(device.id, starts_at)
    first = not DeviceAssignment.objects.filter(patient_id=patient.id).exists()
    assignment = DeviceAssignment(device=device, patient=patient, starts_at=starts_at)
    try:
        with transaction.atomic():
            assignment.save()
    except IntegrityError:
        raise AssignmentOverlap from None
    _directory_entry(device, assignment).save(force_insert=True)
    if first:
        _begin_monitoring(patient, starts_at)
    return assignment


def _end(assignment: DeviceAssignment, at: datetime) -> None:
    assignment.ends_at = at
    assignment.save()
    DeviceDirectory.objects.filter(assignment_id=assignment.id).update(ends_at=at)


def _locked_patient(patient_id: UUID) -> Patient:
    """The patient's row before the device's, as archiving takes them: whoever archives waits, or is waited for."""
    patient: Patient | None = visible_patients().select_for_update(no_key=True).filter(id=patient_id).first()
    if patient is None:
        raise NotFound("patient")
    return patient


def _locked_device(device_id: UUID) -> Device:
    device: Device | None = Device.objects.select_for_update().filter(id=device_id).first()
    if device is None:
        raise NotFound("device")
    return device


def _refuse_overlap(device_id: UUID, starts_at: datetime) -> None:
    later = Q(ends_at__isnull=True) | Q(ends_at__gt=starts_at)
    if DeviceAssignment.objects.filter(later, device_id=device_id).exists():
        raise AssignmentOverlap


def _directory_entry(device: Device, assignment: DeviceAssignment) -> DeviceDirectory:
    return DeviceDirectory.of_device(
        device,
        assignment_id=assignment.id,
        patient_id=assignment.patient_id,
        patient_active=True,
        starts_at=assignment.starts_at,
        ends_at=assignment.ends_at,
    )


def _begin_monitoring(patient: Patient, starts_at: datetime) -> None:
    patient.monitoring_since = local_day(starts_at, patient.time_zone)
    patient.save(update_fields=["monitoring_since", "updated_at"])
