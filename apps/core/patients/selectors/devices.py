"""Reading devices: the inventory, what a patient wears, and who wore a serial at a moment."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from apps.authentication.types import Permission
from apps.core.patients.models import Device, DeviceAssignment, DeviceDirectory
from apps.core.patients.rules.periods import period_holds
from apps.core.patients.selectors.panels import panel_patients
from apps.core.patients.selectors.patients import find_patient
from apps.core.patients.types import (
    AssignmentMatch,
    AssignmentView,
    DeviceOwner,
    DevicePage,
    DeviceView,
    NotFound,
    Transport,
    device_model,
)
from apps.foundation.audit import services as audit
from apps.foundation.encryption.rules import normalise_code
from apps.foundation.encryption.services import blind_index
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.foundation.web.types import place_of_page

PAGE_SIZE = 50


def serial_tag(serial: str) -> int:
    """The tag of a serial number under the platform's key, so that it is found before a practice is known."""
    return blind_index(PLATFORM_ID, "patients.device_serial", normalise_code(serial))


def serial_known(serial: str) -> bool:
    """Whether some practice has registered this serial number."""
    return DeviceDirectory.objects.filter(serial_tag=serial_tag(serial)).exists()


def find_devices(serials: Sequence[str]) -> dict[str, DeviceOwner]:
    """The owner of each serial that some practice has registered; others are absent. One query. Needs no scope."""
    tags = {serial: serial_tag(serial) for serial in serials}
    rows = DeviceDirectory.objects.filter(serial_tag__in=set(tags.values()), assignment_id__isnull=True)
    owners = {row.serial_tag: DeviceOwner(row.practice_id, row.device_id) for row in rows}
    return {serial: owners[tag] for serial, tag in tags.items() if tag in owners}


def find_assignments(lookups: Sequence[tuple[str, datetime]]) -> list[AssignmentMatch | None]:
    """Who wore each serial at the time of its measurement, in the order asked; None for nobody. One query.

    Periods are half-open: at the second of a hand-over the new wearer holds the device. Needs no scope.
    """
    tags = [serial_tag(serial) for serial, _ in lookups]
    entries: dict[int, list[DeviceDirectory]] = defaultdict(list)
    for row in DeviceDirectory.objects.filter(serial_tag__in=set(tags), assignment_id__isnull=False):
        entries[row.serial_tag].append(row)
    return [_match(entries.get(tag, ()), at) for tag, (_, at) in zip(tags, lookups, strict=True)]


def _match(entries: Iterable[DeviceDirectory], moment: datetime) -> AssignmentMatch | None:
    for row in entries:
        if row.starts_at is None or row.patient_id is None or row.assignment_id is None:
            continue
        if period_holds(row.starts_at, row.ends_at, moment):
            return AssignmentMatch(
                practice_id=row.practice_id,
                patient_id=row.patient_id,
                device_id=row.device_id,
                assignment_id=row.assignment_id,
                device_model=device_model(row.model),
                patient_active=row.patient_active,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
            )
    return None


def device_page(*, by: Actor, assigned: bool | None = None, page: int = 1, page_size: int = PAGE_SIZE) -> DevicePage:
    """One page of the inventory, newest first: all, the worn or the free. Only rows shown are opened and recorded."""
    by.require(Permission.DEVICE_READ)
    rows = Device.objects.order_by("-created_at", "-id")
    if assigned is not None:
        worn = Exists(DeviceAssignment.objects.filter(device_id=OuterRef("id"), ends_at__isnull=True))
        rows = rows.filter(worn if assigned else ~worn)
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    shown = tuple(_view(row) for row in _with_wearer(rows)[place])
    audit.record_disclosure("device.list", subjects=_wearers(shown, by), by=by)
    return DevicePage(shown, total, number, page_size)


def _wearers(rows: Iterable[DeviceView], by: Actor) -> list[tuple[str, UUID]]:
    """Who is shown as a wearer: nobody outside the actor's panel, whose name the pages leave out."""
    ids = [row.patient_id for row in rows if row.patient_id is not None]
    among = panel_patients(by)
    if among is not None:
        mine = set(among.filter(id__in=ids).values_list("id", flat=True))
        ids = [one for one in ids if one in mine]
    return [("patient", one) for one in ids]


def list_devices(*, by: Actor, assigned: bool | None = None) -> list[DeviceView]:
    """The practice's inventory, newest first, with present wearers; all, the worn or the free. Disclosure recorded."""
    by.require(Permission.DEVICE_READ)
    rows = [_view(row) for row in _with_wearer(Device.objects.order_by("-created_at", "-id"))]
    if assigned is not None:
        rows = [row for row in rows if (row.assignment_id is not None) == assigned]
    audit.record_disclosure("device.list", subjects=_wearers(rows, by), by=by)
    return rows


def device_detail(device_id: UUID, *, by: Actor) -> DeviceView:
    """One device with its present wearer. Raises NotFound."""
    by.require(Permission.DEVICE_READ)
    row = _with_wearer(Device.objects.filter(id=device_id)).first()
    if row is None:
        raise NotFound("device")
    view = _view(row)
    audit.record_disclosure("device.read", subjects=_wearers([view], by), by=by)
    return view


def devices_of(patient_id: UUID, *, by: Actor) -> list[AssignmentView]:
    """What the patient wears and wore, present ones first, then the newest. Raises NotFound. Disclosure recorded."""
    by.require(Permission.DEVICE_READ)
    find_patient(patient_id)
    rows = DeviceAssignment.objects.filter(patient_id=patient_id).select_related("device")
    audit.record_disclosure("patient.devices", subjects=[("patient", patient_id)], by=by)
    views = [assignment_view(row) for row in rows.order_by("-starts_at", "-id")]
    return sorted(views, key=lambda view: view.ends_at is not None)


def worn_devices(patient_id: UUID) -> list[AssignmentView]:
    """What the patient wears, the longest worn first. Whoever shows it checks the permission and records it."""
    rows = DeviceAssignment.objects.filter(patient_id=patient_id, ends_at__isnull=True).select_related("device")
    return [assignment_view(row) for row in rows.order_by("starts_at", "id")]


def assignment_view(row: DeviceAssignment) -> AssignmentView:
    """A period of wear with its device, which the query brought along."""
    return AssignmentView(
        row.id,
        _view(row.device, row),
        row.patient_id,
        row.starts_at,
        row.ends_at,
        row.first_reading_at,
        row.confirmed_at,
    )


def _with_wearer(rows: QuerySet[Device]) -> QuerySet[Device]:
    worn = DeviceAssignment.objects.filter(ends_at__isnull=True)
    return rows.prefetch_related(Prefetch("assignments", queryset=worn, to_attr="open_assignments"))


def _view(row: Device, worn: DeviceAssignment | None = None) -> DeviceView:
    if worn is None:
        worn = next(iter(getattr(row, "open_assignments", ())), None)
    return DeviceView(
        id=row.id,
        serial=row.serial,
        model=row.catalogue_model,
        transport=Transport(row.transport),
        battery_pct=row.battery_pct,
        last_seen_at=row.last_seen_at,
        assignment_id=worn.id if worn else None,
        patient_id=worn.patient_id if worn else None,
        assigned_at=worn.starts_at if worn else None,
    )
