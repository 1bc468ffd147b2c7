"""Summaries are written a batch at a time, only forwards where they are moments."""

import time
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from apps.core.patients import selectors, services
from apps.core.patients.models import Device, Patient
from apps.core.patients.types import RiskLevel, TriageSummary
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor, UnauditedWrite

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def cuff(in_practice: UUID, system: Actor) -> UUID:
    return services.register_device(serial="88001234", serial_again="88001234", model="UA-651BLE", by=system)


def test_a_summary_is_what_the_list_shows(jane: UUID, system: Actor, nurse: Actor) -> None:
    summary = TriageSummary(jane, 76, RiskLevel.CRITICAL, 2, 1, "critical", True, NOON)
    with audit.batch("test", by=system):
        services.record_triage_summaries([summary], by=system)
    detail = selectors.get_patient(jane, by=nurse)
    assert (detail.risk_score, detail.risk_level, detail.open_alerts) == (76, RiskLevel.CRITICAL, 2)
    row = Patient.objects.get()
    assert (row.unacknowledged_alerts, row.worst_severity, row.is_stale, row.last_reading_at) == (
        1,
        "critical",
        True,
        NOON,
    )
    assert row.version == 1


def test_a_summary_without_score_empties_it(jane: UUID, system: Actor) -> None:
    with audit.batch("test", by=system):
        services.record_triage_summaries([TriageSummary(jane, 50, RiskLevel.WARNING, last_reading_at=NOON)], by=system)
        services.record_triage_summaries([TriageSummary(jane, None, RiskLevel.NO_DATA)], by=system)
    row = Patient.objects.get()
    assert (row.risk_score, row.risk_level, row.last_reading_at) == (None, "no_data", None)


def test_other_patients_and_practices_are_left_alone(jane: UUID, stranger: UUID, system: Actor) -> None:
    john = services.register_patient(first_name="J", last_name="R", date_of_birth=date(1950, 1, 1), by=system)
    with scope(stranger), audit.batch("test", by=system):
        services.record_triage_summaries([TriageSummary(jane, 99, RiskLevel.CRITICAL)], by=system)
    with audit.batch("test", by=system):
        services.record_triage_summaries([TriageSummary(john, 30, RiskLevel.WARNING)], by=system)
    assert dict(Patient.objects.values_list("id", "risk_score")) == {jane: None, john: 30}


def test_nothing_is_written_outside_an_audited_change(jane: UUID, system: Actor) -> None:
    with pytest.raises(UnauditedWrite):
        services.record_transmissions([(jane, NOON)], by=system)


def test_a_late_arrival_does_not_turn_the_clock_back(jane: UUID, cuff: UUID, system: Actor) -> None:
    with audit.batch("test", by=system):
        services.record_transmissions([(jane, NOON), (jane, NOON - HOUR)], by=system)
        services.record_transmissions([(jane, NOON - 2 * HOUR)], by=system)
        services.record_device_contacts([(cuff, NOON, 80), (cuff, NOON - HOUR, 81)], by=system)
        services.record_device_contacts([(cuff, NOON - 2 * HOUR, 99)], by=system)
    assert Patient.objects.get().last_transmission_at == NOON
    device = Device.objects.get()
    assert (device.last_seen_at, device.battery_pct) == (NOON, 80)


def test_a_contact_without_a_battery_keeps_the_known_one(cuff: UUID, system: Actor) -> None:
    with audit.batch("test", by=system):
        services.record_device_contacts([(cuff, NOON, 80)], by=system)
        services.record_device_contacts([(cuff, NOON + HOUR, None)], by=system)
    device = Device.objects.get()
    assert (device.last_seen_at, device.battery_pct) == (NOON + HOUR, 80)


def test_a_batch_costs_one_statement_each(
    in_practice: UUID, system: Actor, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    ids = [
        services.register_patient(first_name="J", last_name="R", date_of_birth=date(1950, 1, 1), by=system)
        for _ in range(20)
    ]
    with audit.batch("test", by=system):
        with django_assert_num_queries(1):
            services.record_triage_summaries([TriageSummary(i, 10, RiskLevel.NORMAL) for i in ids], by=system)
        with django_assert_num_queries(1):
            services.record_transmissions([(i, NOON) for i in ids], by=system)
    assert Patient.objects.filter(risk_score=10, last_transmission_at=NOON).count() == 20


def test_a_batch_is_quick(in_practice: UUID, system: Actor) -> None:
    ids = [
        services.register_patient(first_name="J", last_name="R", date_of_birth=date(1950, 1, 1), by=system)
        for _ in range(100)
    ]
    summaries = [TriageSummary(i, 10, RiskLevel.NORMAL, last_reading_at=NOON) for i in ids]
    with audit.batch("test", by=system):
        services.record_triage_summaries(summaries, by=system)
        taken = []
        for _ in range(5):
            started = time.process_time()
            services.record_triage_summaries(summaries, by=system)
            taken.append(time.process_time() - started)
    assert min(taken) < 0.1, "of our own work, however busy the machine is"
