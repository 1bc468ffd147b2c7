"""Whose patients somebody may open, and emergency access: who, whom, how long."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.care.selectors import cosign_queue, count_to_cosign
from apps.core.patients import selectors, services
from apps.core.patients.models import EmergencyAccess
from apps.core.patients.types import (
    AccessKind,
    AlreadyDecided,
    InvalidPatient,
    NoEmergency,
    NotFound,
    PatientFilters,
    PatientStatus,
    PrivacyFilters,
    TeamRole,
)
from apps.core.triage.selectors import board_counts, board_page
from apps.core.triage.types import BoardFilters
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast, CastPractice
from tests.factories.notes import sign_note
from tests.factories.patients import enrol_patient, give_device
from tests.factories.privacy import REASON, ask_about_privacy, today_in, use_panels
from tests.told import told

pytestmark = pytest.mark.django_db
EVERYBODY = PatientFilters(status=None)


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def hers(practice: CastPractice) -> UUID:
    """A patient of the provider, with the nurse in the care team."""
    patient_id = enrol_patient(practice, assigned_provider_id=practice.people["provider"], last_name="Within")
    join(practice, patient_id, "nurse")
    return patient_id


@pytest.fixture
def other(practice: CastPractice) -> UUID:
    """Nobody's patient."""
    return enrol_patient(practice, first_name="Otto", last_name="Outside", date_of_birth=date(1944, 6, 6))


@pytest.fixture(autouse=True)
def panels(practice: CastPractice) -> None:
    use_panels(practice)


def join(practice: CastPractice, patient_id: UUID, role: str, starts_on: date | None = None) -> UUID:
    with practice.scope():
        return services.add_team_member(
            patient_id=patient_id,
            member_id=practice.people[role],
            team_role=TeamRole.NURSE,
            starts_on=starts_on or today_in(practice) - timedelta(days=3),
            by=practice.system,
        )


def kind(practice: CastPractice, patient_id: UUID, role: str) -> AccessKind | None:
    with practice.scope():
        access = selectors.access_to(patient_id, by=practice.actor(role))
    return access.kind if access else None


def listed(practice: CastPractice, role: str, **filters: Any) -> set[UUID]:
    with practice.scope():
        page = selectors.patient_page(filters=PatientFilters(**filters), page_size=100, by=practice.actor(role))
    return {row.id for row in page.rows}


def open_emergency(practice: CastPractice, patient_id: UUID, role: str = "nurse", reason: str = REASON) -> Any:
    with practice.scope():
        return services.open_emergency_access(
            patient_id=patient_id, reason=reason, by=practice.actor(role), now=timezone.now()
        )


@pytest.mark.parametrize("role", ["provider", "nurse"])
def test_the_panel_is_who_one_is_assigned_to_and_whose_team_one_is_in(
    practice: CastPractice, hers: UUID, other: UUID, role: str
) -> None:
    assert kind(practice, hers, role) is AccessKind.PANEL
    assert kind(practice, other, role) is AccessKind.OUTSIDE
    assert kind(practice, hers, "ma") is AccessKind.OUTSIDE


@pytest.mark.parametrize("role", ["admin", "clinical_manager", "data_monitor"])
def test_who_watches_the_whole_practice_is_not_limited(practice: CastPractice, other: UUID, role: str) -> None:
    assert kind(practice, other, role) is AccessKind.WHOLE
    assert other in listed(practice, role)


def test_the_product_itself_is_not_limited(practice: CastPractice, other: UUID) -> None:
    with practice.scope():
        assert selectors.panel_of(practice.system) is None


def test_another_practices_patient_is_not_there_at_all(cast: Cast, practice: CastPractice) -> None:
    foreign = enrol_patient(cast.lakeside)
    assert kind(practice, foreign, "nurse") is None
    with pytest.raises(NotFound):
        open_emergency(practice, foreign)


def test_a_team_is_of_its_days(practice: CastPractice, other: UUID) -> None:
    member = join(practice, other, "ma")
    assert kind(practice, other, "ma") is AccessKind.PANEL
    with practice.scope():
        services.end_team_member(
            patient_id=other, team_member_id=member, ends_on=today_in(practice) - timedelta(days=2), by=practice.system
        )
    assert kind(practice, other, "ma") is AccessKind.OUTSIDE


def test_lists_show_the_panel_only(practice: CastPractice, hers: UUID, other: UUID) -> None:
    assert listed(practice, "nurse") == listed(practice, "provider") == {hers}
    assert listed(practice, "ma") == set()
    assert listed(practice, "nurse", query="Outside") == set()
    assert listed(practice, "nurse", query="Within") == {hers}
    assert listed(practice, "admin", query="Outside") == {other}
    with practice.scope():
        by = practice.actor("nurse")
        assert set(selectors.search_patients(filters=EVERYBODY, by=by).values_list("id", flat=True)) == {hers}
        details = selectors.patient_detail_page(filters=EVERYBODY, by=by)
        assert ({row.banner.id for row in details.rows}, details.total) == ({hers}, 1)
        assert sum(selectors.status_counts(by=by).values()) == 1
        assert set(selectors.patient_banners([hers, other], by=by)) == {hers}


def test_the_board_shows_the_panel_only(practice: CastPractice, hers: UUID, other: UUID) -> None:
    with practice.scope():
        page = board_page(filters=BoardFilters(), by=practice.actor("nurse"))
        whole = board_page(filters=BoardFilters(), by=practice.actor("admin"))
        counts = board_counts(by=practice.actor("nurse"))
    assert ({row.patient_id for row in page.rows}, page.total) == ({hers}, 1)
    assert {row.patient_id for row in whole.rows} == {hers, other}
    assert counts.critical + counts.warning + counts.no_data + counts.normal == 1


def test_archived_notes_and_privacy_requests_outside_are_not_listed(
    practice: CastPractice, hers: UUID, other: UUID
) -> None:
    for patient_id in (hers, other):
        sign_note(practice, patient_id, text="Looked at", ask="provider")
        ask_about_privacy(practice, patient_id)
    with practice.scope():
        by = practice.actor("provider")
        assert count_to_cosign(by=by) == 1
        assert {task.banner.id for task in cosign_queue(by=by).rows} == {hers}
        assert {line.banner.id for line in selectors.privacy_page(filters=PrivacyFilters(), by=by).rows} == {hers}
        with_status = PatientFilters(status=PatientStatus.ARCHIVED)
        assert selectors.patient_detail_page(filters=with_status, by=by).total == 0


def test_two_identifiers_find_nobody_outside(practice: CastPractice, hers: UUID, other: UUID) -> None:
    with practice.scope():
        banner = selectors.patient_banners([other])[other]
        given = {"mrn": banner.mrn, "date_of_birth": banner.date_of_birth, "action": "device.assign"}
        assert selectors.patient_by_identifiers(**given, by=practice.actor("nurse")) is None
        assert selectors.patient_by_identifiers(**given, by=practice.actor("admin")) is not None


def test_what_stands_before_somebody_finds_a_patient_outside(practice: CastPractice, hers: UUID, other: UUID) -> None:
    with practice.scope():
        mrn = selectors.patient_banners([other])[other].mrn
        by = practice.actor("nurse")
        for typed in (mrn, mrn.lower(), "Otto Outside 1944-06-06", "06/06/1944 outside, otto"):
            assert selectors.found_outside(typed, by=by) == (other,), typed
        for typed in ("", "Outside", "Otto Outside", "Outside 1944-06-06", "Otto Outside 1944-06-07", "1944-06-06",
                      "Ott Outside 1944-06-06", "Otto Outside 1944-66-06"):  # fmt: skip
            assert selectors.found_outside(typed, by=by) == (), typed
        assert selectors.found_outside(mrn, by=practice.actor("admin")) == ()
        own = selectors.patient_banners([hers])[hers].mrn
        assert selectors.found_outside(own, by=by) == ()
    assert AuditLog.objects.filter(action="patient.emergency_offer", subject_id=other).count() == 4


def test_a_similar_patient_outside_is_told_without_name(practice: CastPractice, other: UUID) -> None:
    entered = {"first_name": "Otto", "last_name": "Outside", "date_of_birth": date(1944, 6, 6)}
    with practice.scope():
        (one,) = selectors.similar_patients(**entered, by=practice.actor("nurse"))
        (known,) = selectors.similar_patients(**entered, by=practice.actor("admin"))
    assert (one.id, one.display_name, one.mrn, one.outside_panel) == (other, "", "", True)
    assert known.display_name and not known.outside_panel


def test_an_emergency_opens_one_patient_for_one_person_for_an_hour(
    practice: CastPractice, hers: UUID, other: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = enrol_patient(practice)
    until = open_emergency(practice, other)
    assert kind(practice, other, "nurse") is AccessKind.EMERGENCY
    assert listed(practice, "nurse") == {hers, other}
    assert kind(practice, third, "nurse") is AccessKind.OUTSIDE
    assert kind(practice, other, "provider") is AccessKind.OUTSIDE
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: until - timedelta(seconds=1))
    assert kind(practice, other, "nurse") is AccessKind.EMERGENCY
    monkeypatch.setattr(timezone, "now", lambda: until)
    assert kind(practice, other, "nurse") is AccessKind.OUTSIDE
    assert listed(practice, "nurse") == {hers}
    assert timedelta(minutes=59) < until - real() <= timedelta(minutes=60)


def test_an_emergency_is_recorded_with_its_reason_and_administrators_are_told(
    practice: CastPractice, other: UUID
) -> None:
    open_emergency(practice, other)
    row = AuditLog.objects.get(action="patient.emergency_access", subject_id=other)
    assert (row.actor_id, open_detail(row)["reason"]) == (practice.people["nurse"], REASON)
    with practice.scope():
        told = Notification.objects.filter(kind="emergency_access")
        assert {one.recipient_id for one in told} == {practice.people["admin"]}
        assert {one.reference for one in told} == {EmergencyAccess.objects.get().id}


@pytest.mark.parametrize(("reason", "code"), [("", "required"), ("  short  ", "too_short"), ("x" * 501, "too_long")])
def test_an_emergency_needs_a_reason(practice: CastPractice, other: UUID, reason: str, code: str) -> None:
    with pytest.raises(InvalidPatient) as refusal:
        open_emergency(practice, other, reason=reason)
    assert refusal.value.faults == {"reason": code}
    with practice.scope():
        assert not EmergencyAccess.objects.exists()


def test_nothing_is_broken_that_is_open(practice: CastPractice, hers: UUID, other: UUID) -> None:
    for patient_id, role in ((hers, "nurse"), (other, "admin")):
        with pytest.raises(NoEmergency):
            open_emergency(practice, patient_id, role)
    open_emergency(practice, other)
    with pytest.raises(NoEmergency):
        open_emergency(practice, other)


def test_an_emergency_is_reviewed_once_by_who_answers_for_privacy(practice: CastPractice, other: UUID) -> None:
    open_emergency(practice, other)
    with practice.scope():
        admin, now = practice.actor("admin"), timezone.now()
        (line,) = selectors.emergency_page(reviewed=False, by=admin).rows
        assert (line.patient_id, line.user_id, line.reason) == (other, practice.people["nurse"], REASON)
        with pytest.raises(NotPermitted):
            services.review_emergency_access(access_id=line.id, note="Fine", by=practice.actor("nurse"), now=now)
        with pytest.raises(InvalidPatient):
            services.review_emergency_access(access_id=line.id, note=" ", by=admin, now=now)
        services.review_emergency_access(access_id=line.id, note="Justified, on call", by=admin, now=now)
        with pytest.raises(AlreadyDecided):
            services.review_emergency_access(access_id=line.id, note="Again", by=admin, now=now)
        assert selectors.emergencies_waiting(by=admin) == 0
        (line,) = selectors.emergency_page(reviewed=True, by=admin).rows
    assert (line.review_note, line.reviewed_by_id) == ("Justified, on call", practice.people["admin"])
    assert AuditLog.objects.filter(action="patient.emergency_review", subject_id=other).count() == 1


def test_who_registers_a_patient_may_open_the_chart(practice: CastPractice) -> None:
    registered = enrol_patient(practice, by=practice.actor("ma"))
    assert kind(practice, registered, "ma") is AccessKind.PANEL
    assert kind(practice, registered, "nurse") is AccessKind.OUTSIDE


def test_the_inventory_names_nobody_outside(practice: CastPractice, other: UUID) -> None:
    give_device(practice, other)
    page = told(practice.client("nurse").get("/devices/").content)
    assert "otto" not in page.lower()
    assert "somebody outside your panel" in page
    assert "otto" in told(practice.client("admin").get("/devices/").content).lower()


def test_a_device_of_somebody_outside_is_not_released_and_nobody_is_recorded_as_shown(
    practice: CastPractice, other: UUID
) -> None:
    device_id, _serial = give_device(practice, other)
    nurse = practice.client("nurse")
    page = nurse.get("/devices/").content.decode()
    address = f"/devices/{device_id}/release/"
    assert address not in page
    asked = {"at": timezone.localtime().strftime("%Y-%m-%dT%H:%M")}
    assert [nurse.get(address).status_code, nurse.post(address, asked).status_code] == [403, 403]
    with practice.scope():
        assert selectors.device_detail(device_id, by=practice.actor("admin")).patient_id == other
        by_nurse = AuditLog.objects.filter(actor_id=practice.people["nurse"], subject_id=other)
        assert set(by_nurse.values_list("action", flat=True)) == {"access.denied"}
    assert address in practice.client("admin").get("/devices/").content.decode()


def test_with_panels_off_everybody_is_open_and_nothing_costs_more(
    practice: CastPractice, hers: UUID, other: UUID
) -> None:
    use_panels(practice, on=False)
    assert kind(practice, other, "nurse") is AccessKind.WHOLE
    assert listed(practice, "ma") == {hers, other}
    nurse, monitor = practice.client("nurse"), practice.client("data_monitor")
    for client in (nurse, monitor):
        client.get("/triage/")
    counts = {}
    for name, client in (("nurse", nurse), ("monitor", monitor)):
        with CaptureQueriesContext(connection) as made:
            client.get("/triage/")
        counts[name] = [one["sql"] for one in made if "patients_" in one["sql"] or "triage_" in one["sql"]]
    assert len(counts["nurse"]) == len(counts["monitor"])
    assert not any("careteammember" in sql or "emergencyaccess" in sql for sql in counts["nurse"])


def test_lists_in_panels_cost_the_same_for_few_and_many(practice: CastPractice, hers: UUID) -> None:
    def made() -> int:
        with CaptureQueriesContext(connection) as queries, practice.scope():
            board_page(filters=BoardFilters(), by=practice.actor("nurse"))
        return len(queries)

    join(practice, enrol_patient(practice), "nurse")
    few = made()
    for _ in range(6):
        join(practice, enrol_patient(practice), "nurse")
    assert made() == few
