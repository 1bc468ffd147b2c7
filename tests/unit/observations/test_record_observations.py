"""Recording: once, in canonical units beside the original ones, sealed, whatever the order."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.observations import selectors
from apps.core.observations.models import Observation
from apps.core.observations.services import record_observations
from apps.core.observations.types import (
    DeviceReading,
    Metric,
    ObservationStatus,
    ReadingKind,
    RecordOutcome,
    RecordRequest,
    RecordStatus,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor, UnauditedWrite
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, reading, request_for

BP, PULSE, SPO2, WEIGHT, GLUCOSE = (
    ReadingKind.BLOOD_PRESSURE,
    ReadingKind.PULSE,
    ReadingKind.SPO2,
    ReadingKind.WEIGHT,
    ReadingKind.GLUCOSE,
)
SECOND = timedelta(seconds=1)


def run(requests: list[RecordRequest], now: datetime) -> list[RecordOutcome]:
    by = Actor.system("test", requests[0].patient.practice_id)
    with audit.batch("reading.process", by=by):
        return record_observations(requests, by=by, now=now)


def one(patient: UUID, given: DeviceReading, now: datetime, **fields: object) -> RecordOutcome:
    return run([replace(request_for(given, patient), **fields)], now)[0]  # type: ignore[arg-type]


def test_pounds_are_stored_as_kilograms_beside_the_pounds(patient: UUID, now: datetime) -> None:
    outcome = one(patient, reading(WEIGHT, now, "198.4", unit="lb"), now)
    assert outcome.status is RecordStatus.RECORDED
    assert Observation.objects.get().components["values"] == {
        "weight": {
            "value": "89.99",
            "unit": "kg",
            "displayed": "90.0",
            "original_value": "198.4",
            "original_unit": "lb",
            "out_of_range": "",
        }
    }


def test_nothing_measured_stands_in_clear(patient: UUID, now: datetime) -> None:
    one(patient, reading(WEIGHT, now, "83.4177", flags=("irregular_heartbeat",)), now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM observations_observation")
        stored = repr(cursor.fetchall())
    assert "83.4" not in stored
    assert "irregular" not in stored


def test_the_pulse_of_a_cuff_is_an_observation_of_its_own(patient: UUID, now: datetime) -> None:
    outcome = one(patient, pressure(now, 120, 70, 66), now)
    assert [(o.kind, o.loinc_code, dict(o.values)) for o in outcome.observations] == [
        (BP, "85354-9", {Metric.SYSTOLIC: Decimal(120), Metric.DIASTOLIC: Decimal(70)}),
        (PULSE, "8867-4", {Metric.PULSE: Decimal(66)}),
    ]


def test_what_is_read_back_equals_what_was_recorded(patient: UUID, now: datetime) -> None:
    given = [
        pressure(now, 120, 70, 66),
        reading(GLUCOSE, now, "HI", meal="fasting"),
        reading(GLUCOSE, now + SECOND, "5.5", unit="mmol/L", flags=("battery_low",)),
        pressure(now - timedelta(days=31), 120, 70),
    ]
    outcomes = run([request_for(one, patient) for one in given], now)
    recorded = sorted((o for outcome in outcomes for o in outcome.observations), key=lambda o: o.id)
    read_back = selectors.observations_of_readings([one.reading_id for one in given])
    assert sorted(read_back, key=lambda o: o.id) == recorded
    assert [o.history_only for o in read_back] == [True, False, False, False, False]


def test_a_second_time_changes_nothing(patient: UUID, now: datetime) -> None:
    given = pressure(now, 120, 70, 66)
    one(patient, given, now)
    again = one(patient, given, now + timedelta(days=2))
    assert (again.status, again.observations) == (RecordStatus.DUPLICATE, ())
    twice_in_a_batch = run([request_for(pressure(now + 99 * SECOND, 1 + 120, 70, reading_id="x"), patient)] * 2, now)
    assert [outcome.status for outcome in twice_in_a_batch] == [RecordStatus.RECORDED, RecordStatus.DUPLICATE]
    assert Observation.objects.count() == 3


def test_the_same_reading_id_in_another_practice_is_another_reading(cast: Cast, now: datetime) -> None:
    for practice in (cast.highland, cast.lakeside):
        patient_id = enrol_patient(practice)
        with practice.scope():
            outcome = one(patient_id, pressure(now, 120, 70, reading_id="rdg_shared_0001"), now)
        assert outcome.status is RecordStatus.RECORDED


@pytest.mark.parametrize("order", list(permutations(range(4))))
@pytest.mark.parametrize("together", [True, False])
def test_of_equal_readings_the_earliest_stands_in_any_order(
    patient: UUID, now: datetime, order: tuple[int, ...], together: bool
) -> None:
    given = [
        pressure(now, 140, 80, reading_id="first"),
        pressure(now + 50 * SECOND, 140, 80, reading_id="repeat"),
        pressure(now + 60 * SECOND, 141, 80, reading_id="another value"),
        pressure(now + 111 * SECOND, 140, 80, reading_id="a minute after the repeat"),
    ]
    requests = [request_for(given[place], patient) for place in order]
    if together:
        run(requests, now)
    else:
        for request in requests:
            run([request], now)
    assert dict(Observation.objects.values_list("reading_id", "status")) == {
        "first": ObservationStatus.FINAL,
        "repeat": ObservationStatus.NEAR_DUPLICATE,
        "another value": ObservationStatus.FINAL,
        "a minute after the repeat": ObservationStatus.FINAL,
    }


def test_a_near_duplicate_is_kept_and_not_handed_on(patient: UUID, now: datetime) -> None:
    one(patient, pressure(now, 140, 80), now)
    outcome = one(patient, pressure(now + 60 * SECOND, 140, 80), now)
    assert (outcome.status, outcome.observations) == (RecordStatus.NEAR_DUPLICATE, ())
    assert Observation.objects.count() == 2
    other_device = one(patient, pressure(now + 60 * SECOND, 140, 80), now, device_id=uuid4())
    assert other_device.status is RecordStatus.RECORDED


def test_an_earlier_equal_reading_names_what_it_replaces(patient: UUID, now: datetime) -> None:
    later = one(patient, pressure(now + 30 * SECOND, 140, 80), now).observations[0]
    earlier = one(patient, pressure(now, 140, 80), now).observations[0]
    assert earlier.replaces == (later.id,)


def test_a_reading_that_repeats_one_and_is_repeated_names_what_it_replaces_too(patient: UUID, now: datetime) -> None:
    one(patient, pressure(now, 140, 80), now)
    last = one(patient, pressure(now + 90 * SECOND, 140, 80), now).observations[0]
    middle = one(patient, pressure(now + 45 * SECOND, 140, 80, reading_id="middle"), now)
    assert (middle.status, middle.observations) == (RecordStatus.NEAR_DUPLICATE, ())
    assert middle.replaced == (last.id,)
    assert selectors.repeats_of_readings(["middle"]) == [last.id]


def test_control_solution_is_kept_and_never_charted(patient: UUID, now: datetime) -> None:
    outcome = one(patient, reading(GLUCOSE, now, 120, control_solution=True), now)
    assert (outcome.status, outcome.observations) == (RecordStatus.CONTROL_SOLUTION, ())
    assert Observation.objects.get().status == ObservationStatus.CONTROL_SOLUTION


def test_a_weight_jump_is_held(patient: UUID, now: datetime) -> None:
    one(patient, reading(WEIGHT, now - timedelta(hours=20), "80.0"), now)
    held = one(patient, reading(WEIGHT, now, "90.1"), now)
    assert (held.status, held.reasons, held.dangerous) == (RecordStatus.IMPLAUSIBLE, ("weight_jump",), False)
    assert one(patient, reading(WEIGHT, now + SECOND, "90.0"), now).status is RecordStatus.RECORDED
    in_one_batch = run(
        [request_for(reading(WEIGHT, now + timedelta(hours=n), value), patient) for n, value in ((2, "60"), (1, "89"))],
        now + timedelta(hours=2),
    )
    assert [outcome.status for outcome in in_one_batch] == [RecordStatus.IMPLAUSIBLE, RecordStatus.RECORDED]


def test_the_next_day_a_jump_is_a_reading(patient: UUID, now: datetime) -> None:
    one(patient, reading(WEIGHT, now - timedelta(hours=24, seconds=1), "80.0"), now)
    assert one(patient, reading(WEIGHT, now, "95.0"), now).status is RecordStatus.RECORDED


def test_an_implausible_pulse_leaves_the_pressure_standing(patient: UUID, now: datetime) -> None:
    given = pressure(now, 188, 110, 25)
    outcome = one(patient, given, now)
    assert (outcome.status, outcome.dangerous) == (RecordStatus.IMPLAUSIBLE, True)
    assert [o.kind for o in outcome.observations] == [BP]
    accepted = one(patient, given, now, accepted_by=uuid4())
    assert accepted.status is RecordStatus.RECORDED
    assert [(o.kind, o.flags) for o in accepted.observations] == [(PULSE, ("confirmed_by_staff",))]


def test_a_reading_in_a_foreign_unit_is_held_without_its_value(patient: UUID, now: datetime) -> None:
    outcome = one(patient, pressure(now, 120, 70), now)
    broken = one(patient, reading(BP, now + 90 * SECOND, 120, 70, unit="psi"), now)
    assert outcome.status is RecordStatus.RECORDED
    assert (broken.status, broken.reasons) == (RecordStatus.IMPLAUSIBLE, ("unit_of_systolic",))


def test_the_day_is_the_patients(highland: CastPractice, now: datetime) -> None:
    patient_id = enrol_patient(highland, time_zone="Pacific/Honolulu")
    late = now.replace(hour=9, minute=59)
    one(patient_id, pressure(late, 120, 70), now)
    assert str(Observation.objects.get().local_date) == "2026-03-11"


def test_outside_an_audited_batch_nothing_is_written(patient: UUID, now: datetime) -> None:
    request = request_for(pressure(now, 120, 70), patient)
    with pytest.raises(UnauditedWrite):
        record_observations([request], by=Actor.system("test"), now=now)
    assert not Observation.objects.exists()


def test_queries_do_not_grow_with_the_batch(highland: CastPractice, now: datetime) -> None:
    patients = [enrol_patient(highland) for _ in range(30)]

    def queries(count: int, at: datetime) -> int:
        requests = [request_for(reading(WEIGHT, at, "80.0"), patient_id) for patient_id in patients[:count]]
        with CaptureQueriesContext(connection) as captured:
            run(requests, at)
        return len(captured)

    assert queries(1, now) == queries(30, now + timedelta(days=2))


def test_series_for_a_chart(patient: UUID, highland: CastPractice, now: datetime) -> None:
    by = Actor(None, highland.id, "nurse", frozenset({"observation.read"}))
    run([request_for(pressure(now - timedelta(hours=n), 120 + n, 70, 60), patient) for n in range(3)], now)
    one(patient, pressure(now - timedelta(days=50), 150, 70), now)
    series = {one.kind: one for one in selectors.observation_series(patient, now - timedelta(days=30), by)}
    assert [int(point.values[Metric.SYSTOLIC]) for point in series[BP].points] == [122, 121, 120]
    assert series[PULSE].unit == "bpm"


def test_lines_show_the_original_beside_the_converted(patient: UUID, highland: CastPractice, now: datetime) -> None:
    by = Actor(None, highland.id, "nurse", frozenset({"observation.read"}))
    one(patient, reading(WEIGHT, now, "198.4", unit="lb"), now)
    (line,) = selectors.recent_readings(patient, by)
    (component,) = line.components
    assert (component.text, component.unit, component.original_text, component.original_unit) == (
        "90.0",
        "kg",
        "198.4",
        "lb",
    )
    assert selectors.readings_behind(patient, [line.id], by) == (line,)
    assert selectors.readings_behind(uuid4(), [line.id], by) == ()
