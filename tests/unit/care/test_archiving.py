"""Archiving, restoring and deleting: one change each, all of it or nothing, and one row in the log that says what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections

from apps.authentication.types import Role
from apps.core.billing import services as billing
from apps.core.billing.models import BillingPeriod, DeviceDay
from apps.core.billing.selectors import open_periods
from apps.core.billing.types import DeviceDayInput, OpenPeriod
from apps.core.care import selectors, services
from apps.core.care.services import archiving
from apps.core.care.types import ImpactChanged
from apps.core.patients import selectors as patients
from apps.core.patients import services as records
from apps.core.patients.models import DeviceAssignment, DeviceDirectory, Patient
from apps.core.patients.types import AlreadyArchived, InvalidPatient, NotArchived, NotFound, PatientStatus
from apps.core.triage.models import Alert
from apps.core.triage.selectors import board_stamp
from apps.core.triage.services import set_threshold
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail, verify_chain
from apps.foundation.tenancy.types import Actor, NotPermitted
from apps.settings.services import change_preferences
from apps.settings.types import PracticePreferences
from tests.cast import Cast, CastPractice, assemble
from tests.factories.patients import enrol_patient, give_device
from tests.factories.readings import pressure, send

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
REASON = "Discharged from RPM: goals met"


@dataclass
class Ward:
    """Somebody with everything that archiving touches."""

    practice: CastPractice
    patient: UUID
    device: UUID

    @property
    def admin(self) -> Actor:
        return self.practice.actor(Role.ADMIN)

    @property
    def provider(self) -> Actor:
        return self.practice.actor(Role.PROVIDER)

    @property
    def row(self) -> Patient:
        found: Patient = Patient.objects.get(id=self.patient)
        return found

    def archive(self, by: Actor | None = None, **more: Any) -> None:
        given = {"patient_id": self.patient, "reason": REASON, "by": by or self.provider, "now": NOW} | more
        services.archive_patient(**given)

    def rows(self, action: str) -> list[AuditLog]:
        return list(AuditLog.objects.filter(action=action, subject_id=self.patient))


def furnish(practice: CastPractice) -> Ward:
    patient = enrol_patient(practice, first_name="Jane", last_name="Doe")
    device, _serial = give_device(practice, patient, serial="SN-0042", since=NOW - timedelta(days=60))
    with practice.scope():
        send(patient, [pressure(NOW - timedelta(hours=1), 184, 122)], NOW)
        with audit.batch("test", by=practice.system):
            count(patient, date(2026, 10, 1), 14, by=practice.system)
            count(patient, date(2026, 11, 1), 9, by=practice.system)
    return Ward(practice, patient, device)


def count(patient: UUID, first: date, days: int, *, by: Actor) -> None:
    found = [DeviceDayInput(patient, first + timedelta(days=day), uuid4()) for day in range(days)]
    billing.count_device_days(found, by=by)


@pytest.fixture
def ward(cast: Cast) -> Iterator[Ward]:
    found = furnish(cast.highland)
    with cast.highland.scope():
        yield found


def test_the_impact_has_names_and_counts_and_is_one_disclosure(ward: Ward) -> None:
    before = AuditLog.objects.count()
    impact = selectors.archive_impact(ward.patient, by=ward.provider)
    assert impact.billing_periods == (OpenPeriod(date(2026, 10, 1), 14), OpenPeriod(date(2026, 11, 1), 9))
    assert [(alert.severity, alert.title.split(" (")[0]) for alert in impact.alerts] == [("critical", "BP 184/122")]
    assert [(one.model, one.serial) for one in impact.devices] == [("UA-651BLE blood pressure monitor", "SN-0042")]
    assert AuditLog.objects.count() == before + 1
    (row,) = ward.rows("patient.archive_impact")
    assert row.actor_id == ward.provider.user_id


def test_archiving_does_everything_in_one_row_of_the_log(ward: Ward) -> None:
    before, stamp = AuditLog.objects.count(), board_stamp()
    ward.archive()
    row = ward.row
    assert (row.active, row.archived_at, row.archived_by_id) == (False, NOW, ward.provider.user_id)
    assert (row.archive_reason, row.status, row.open_alerts) == (REASON, PatientStatus.ARCHIVED, 0)
    assert not Alert.objects.filter(closed_at__isnull=True).exists()
    alert = Alert.objects.get()
    assert (alert.state, alert.closed_by, alert.closed_at) == ("closed_by_archive", ward.provider.user_id, NOW)
    assert DeviceAssignment.objects.get().ends_at == NOW
    entry = DeviceDirectory.objects.get(patient_id=ward.patient)
    assert (entry.ends_at, entry.patient_active) == (NOW, False)
    periods = BillingPeriod.objects.order_by("first_day").values_list("first_day", "device_days", "finalised_by_id")
    assert list(periods) == [
        (date(2026, 10, 1), 14, ward.provider.user_id),
        (date(2026, 11, 1), 9, ward.provider.user_id),
    ]
    assert board_stamp() != stamp
    assert AuditLog.objects.count() == before + 1
    (entry_of_log,) = ward.rows("patient.archive")
    said = open_detail(entry_of_log)
    (changed,) = [one for one in said["rows"] if one["model"] == "patients.patient" and "after" in one]
    assert (changed["before"]["active"], changed["after"]["active"]) == (True, False)
    assert (changed["before"]["archive_reason"], changed["after"]["archive_reason"]) == ("", REASON)
    assert said["reason"] == REASON
    assert said["billing_periods"] == [["2026-10-01", 14], ["2026-11-01", 9]]
    assert said["alerts_closed"] == [str(alert.id)]
    assert said["devices_released"] == [str(ward.device)]
    assert verify_chain(ward.practice.id).ok


def test_billing_and_devices_may_stay(ward: Ward) -> None:
    ward.archive(finalize_billing=False, release_devices=False)
    assert not BillingPeriod.objects.exists()
    assert DeviceAssignment.objects.get().ends_at is None
    assert not DeviceDirectory.objects.get(patient_id=ward.patient).patient_active
    said = open_detail(ward.rows("patient.archive")[0])
    assert (said["billing_periods"], said["devices_released"]) == ([], [])


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_without_a_reason_nothing_happens(ward: Ward, reason: str) -> None:
    before = AuditLog.objects.count()
    with pytest.raises(InvalidPatient) as refusal:
        ward.archive(reason=reason)
    assert refusal.value.faults == {"reason": "required"}
    assert ward.row.active
    assert AuditLog.objects.count() == before


def test_what_fails_at_the_end_undoes_the_beginning(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_given: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr(archiving, "close_alerts_for_archive", fail)
    before = AuditLog.objects.count()
    with pytest.raises(RuntimeError):
        ward.archive()
    assert ward.row.active
    assert not BillingPeriod.objects.exists()
    assert DeviceAssignment.objects.get().ends_at is None
    assert AuditLog.objects.count() == before


def test_the_second_to_archive_hears_of_the_first(ward: Ward) -> None:
    ward.archive()
    with pytest.raises(AlreadyArchived) as refusal:
        ward.archive(by=ward.admin, now=NOW + timedelta(minutes=1))
    assert (refusal.value.at, refusal.value.by_id) == (NOW, ward.provider.user_id)
    assert len(ward.rows("patient.archive")) == 1


def test_what_was_not_shown_is_not_done(ward: Ward) -> None:
    seen = selectors.archive_impact(ward.patient, by=ward.provider).fingerprint
    send(ward.patient, [pressure(NOW, 190, 125)], NOW)
    with pytest.raises(ImpactChanged):
        ward.archive(seen=seen)
    assert ward.row.active
    ward.archive(seen=selectors.archive_impact(ward.patient, by=ward.provider).fingerprint)
    assert not ward.row.active


def test_a_device_that_is_to_be_worn_later_is_not_in_the_way(cast: Cast) -> None:
    patient = enrol_patient(cast.highland)
    give_device(cast.highland, patient, since=NOW + timedelta(minutes=5))
    with cast.highland.scope():
        services.archive_patient(patient_id=patient, reason=REASON, by=cast.highland.system, now=NOW)
        assert patients.worn_devices(patient) == []


@pytest.mark.parametrize("role", [Role.MA, Role.DATA_MONITOR, Role.PATIENT])
def test_who_may_not_archive(ward: Ward, role: Role) -> None:
    with pytest.raises(NotPermitted):
        ward.archive(by=ward.practice.actor(role))
    with pytest.raises(NotPermitted):
        selectors.archive_impact(ward.patient, by=ward.practice.actor(role))


def test_another_practices_patient_is_nobody(ward: Ward, cast: Cast) -> None:
    stranger = cast.lakeside.actor(Role.ADMIN)
    with cast.lakeside.scope():
        for step in (
            partial(services.archive_patient, now=NOW),
            services.restore_patient,
            partial(services.delete_patient, now=NOW),
        ):
            with pytest.raises(NotFound):
                step(patient_id=ward.patient, reason=REASON, by=stranger)
        with pytest.raises(NotFound):
            selectors.archive_impact(ward.patient, by=stranger)
    assert ward.row.active


def test_restoring_is_an_administrators_and_assigns_nothing(ward: Ward) -> None:
    ward.archive()
    with pytest.raises(NotPermitted):
        services.restore_patient(patient_id=ward.patient, reason="came back", by=ward.provider)
    with pytest.raises(InvalidPatient):
        services.restore_patient(patient_id=ward.patient, reason=" ", by=ward.admin)
    before = AuditLog.objects.count()
    services.restore_patient(patient_id=ward.patient, reason="came back", by=ward.admin)
    row = ward.row
    assert (row.active, row.archived_at, row.archived_by_id, row.archive_reason) == (True, None, None, "")
    assert patients.worn_devices(ward.patient) == []
    assert AuditLog.objects.count() == before + 1
    said = open_detail(ward.rows("patient.restore")[0])
    assert said["reason"] == "came back"
    assert (said["rows"][0]["before"]["archive_reason"], said["rows"][0]["after"]["archive_reason"]) == (REASON, "")
    with pytest.raises(NotArchived):
        services.restore_patient(patient_id=ward.patient, reason="again", by=ward.admin)


def test_clinicians_unarchive_without_a_word_unless_the_practice_says_otherwise(ward: Ward) -> None:
    ward.archive()
    services.unarchive_patient(patient_id=ward.patient, by=ward.provider)
    assert ward.row.active
    assert open_detail(ward.rows("patient.unarchive")[0])["reason"] == "not stated (unarchive)"
    ward.archive()
    change_preferences(preferences=PracticePreferences(only_administrators_reactivate=True), by=ward.admin)
    with pytest.raises(NotPermitted):
        services.unarchive_patient(patient_id=ward.patient, by=ward.provider)
    assert not ward.row.active
    services.unarchive_patient(patient_id=ward.patient, by=ward.admin)
    assert ward.row.active


def test_a_month_in_which_more_was_counted_is_open_again(ward: Ward) -> None:
    ward.archive()
    services.restore_patient(patient_id=ward.patient, reason="by mistake", by=ward.admin)
    assert open_periods(ward.patient, ward.provider) == ()
    with audit.batch("test", by=ward.practice.system):
        count(ward.patient, date(2026, 11, 22), 2, by=ward.practice.system)
    assert open_periods(ward.patient, ward.provider) == (OpenPeriod(date(2026, 11, 1), 11),)
    ward.archive()
    assert list(BillingPeriod.objects.order_by("first_day").values_list("device_days", flat=True)) == [14, 11]
    assert DeviceDay.objects.count() == 25


def test_an_archived_record_takes_no_limits(ward: Ward) -> None:
    ward.archive()
    with pytest.raises(InvalidPatient):
        set_threshold(
            patient_id=ward.patient,
            limits={"systolic": {"warning_high": 160}},
            reason="usual for her",
            by=ward.provider,
            now=NOW,
        )


def test_deleting_leaves_nothing_unattended_and_nothing_to_see(ward: Ward) -> None:
    with pytest.raises(NotPermitted):
        services.delete_patient(patient_id=ward.patient, reason="twice", by=ward.provider, now=NOW)
    before = AuditLog.objects.count()
    services.delete_patient(patient_id=ward.patient, reason="entered twice", by=ward.admin, now=NOW)
    assert AuditLog.objects.count() == before + 1
    row = ward.row
    assert (row.status, row.deleted_at, row.deleted_by_id) == (PatientStatus.DELETED, NOW, ward.admin.user_id)
    assert (row.active, row.archive_reason) == (False, "entered twice")
    assert not Alert.objects.filter(closed_at__isnull=True).exists()
    assert DeviceAssignment.objects.get().ends_at == NOW
    for read in (patients.get_patient, patients.patient_banner, patients.devices_of):
        with pytest.raises(NotFound):
            read(ward.patient, by=ward.admin)
    assert patients.patient_banners([ward.patient]) == {}
    for step in (
        partial(services.archive_patient, now=NOW),
        services.restore_patient,
        partial(services.delete_patient, now=NOW),
    ):
        with pytest.raises(NotFound):
            step(patient_id=ward.patient, reason="once more", by=ward.admin)
    said = open_detail(ward.rows("patient.delete")[0])
    assert said["reason"] == "entered twice"
    assert [one["after"]["deleted_at"] for one in said["rows"] if "deleted_at" in one.get("after", {})]


def test_an_archived_patient_who_kept_a_device_is_deleted_without_it(ward: Ward) -> None:
    ward.archive(release_devices=False)
    services.delete_patient(patient_id=ward.patient, by=ward.admin, now=NOW)
    assert ward.row.archive_reason == REASON
    assert DeviceAssignment.objects.get().ends_at == NOW
    assert open_detail(ward.rows("patient.delete")[0])["reason"] == "not stated (delete)"


def test_what_was_deleted_comes_back_archived(ward: Ward) -> None:
    with pytest.raises(NotFound):
        records.undelete_patient(patient_id=ward.patient, reason="was right", by=ward.admin)
    services.delete_patient(patient_id=ward.patient, by=ward.admin, now=NOW)
    with pytest.raises(InvalidPatient):
        records.undelete_patient(patient_id=ward.patient, reason="", by=ward.admin)
    with pytest.raises(NotPermitted):
        records.undelete_patient(patient_id=ward.patient, reason="was right", by=ward.provider)
    records.undelete_patient(patient_id=ward.patient, reason="was right", by=ward.admin)
    assert ward.row.status is PatientStatus.ARCHIVED
    assert len(ward.rows("patient.undelete")) == 1
    services.restore_patient(patient_id=ward.patient, reason="was right", by=ward.admin)
    assert ward.row.status is PatientStatus.ACTIVE


def test_a_record_that_is_open_cannot_be_hidden_alone(ward: Ward) -> None:
    with pytest.raises(NotArchived), audit.change("test", by=ward.admin):
        records.delete_record(patient_id=ward.patient, by=ward.admin, now=NOW)


def _in_memory() -> bool:
    return connection.vendor == "sqlite" and connection.is_in_memory_db()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_of_people_who_archive_at_once_one_does_and_the_others_hear_who() -> None:
    if _in_memory():
        pytest.skip("an SQLite database in memory has one writer and no waiting: run on PostgreSQL or a file")
    practice = assemble().highland
    ward = furnish(practice)
    roles = (Role.PROVIDER, Role.NURSE, Role.CLINICAL_MANAGER, Role.ADMIN)
    start, outcomes = Barrier(len(roles)), []

    def archive(role: Role) -> None:
        try:
            by = practice.actor(role)
            start.wait(30)
            with practice.scope():
                try:
                    ward.archive(by=by)
                except AlreadyArchived as refusal:
                    outcomes.append((by.user_id, refusal.by_id))
                else:
                    outcomes.append((by.user_id, None))
        finally:
            connections.close_all()

    threads = [Thread(target=archive, args=(role,)) for role in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (winner,) = [who for who, first in outcomes if first is None]
    assert sorted(first == winner for _who, first in outcomes) == [False, True, True, True]
    with practice.scope():
        assert ward.row.archived_by_id == winner
        assert len(ward.rows("patient.archive")) == 1
        assert BillingPeriod.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_device_is_not_put_on_somebody_who_is_being_archived() -> None:
    if _in_memory():
        pytest.skip("an SQLite database in memory has one writer and no waiting: run on PostgreSQL or a file")
    practice = assemble().highland
    ward = furnish(practice)
    for number in range(3):
        with practice.scope():
            if number:
                services.restore_patient(patient_id=ward.patient, reason="again", by=ward.admin)
            serial = f"RACE-{number}"
            device = records.register_device(serial=serial, serial_again=serial, model="UC-352BLE", by=practice.system)
        start = Barrier(2)

        def assign(device: UUID = device, start: Barrier = start) -> None:
            try:
                start.wait(30)
                with practice.scope():
                    try:
                        records.assign_device(
                            device_id=device, patient_id=ward.patient, starts_at=NOW, by=practice.system
                        )
                    except Exception as refusal:
                        assert type(refusal).__name__ == "InvalidPeriod", refusal
            finally:
                connections.close_all()

        def archive(start: Barrier = start, number: int = number) -> None:
            try:
                start.wait(30)
                with practice.scope():
                    ward.archive(now=NOW + timedelta(minutes=number))
            finally:
                connections.close_all()

        threads = [Thread(target=assign), Thread(target=archive)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        with practice.scope():
            assert not ward.row.active
            assert patients.worn_devices(ward.patient) == []
