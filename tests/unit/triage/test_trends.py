"""Trends and days of a patient: what counts is charted, what does not stands in the days with its reason."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.observations.types import ReadingKind
from apps.core.patients.types import NotFound
from apps.core.triage.selectors import days_of, patient_trends
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, reading, send

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, monitoring_since=datetime(2025, 12, 1, tzinfo=UTC).date())


def test_a_trend_has_its_newest_value_its_figures_and_its_news2_band(cast: Cast, jane: UUID) -> None:
    with cast.highland.scope():
        send(jane, [pressure(NOW - timedelta(days=day, hours=1), 150 + day, 90) for day in range(3, 0, -1)], NOW)
        send(jane, [reading(ReadingKind.SPO2, NOW - timedelta(hours=1), 93)], NOW)
        found = patient_trends(jane, days=30, by=cast.highland.actor("provider"), now=NOW)
    by_kind = {trend.kind: trend for trend in found.charts}
    assert by_kind["blood_pressure"].newest_text == "151/90"
    assert by_kind["blood_pressure"].band == "warning"
    assert [(line.days, line.average, line.readings) for line in by_kind["blood_pressure"].figures] == [
        (7, "152/90", 3),
        (30, "152/90", 3),
    ]
    assert by_kind["blood_pressure"].news2 is None
    assert by_kind["spo2"].news2 == 2
    assert found.has_news2


def test_90_days_have_figures_of_90_days(cast: Cast, jane: UUID) -> None:
    with cast.highland.scope():
        for day in (60, 50):
            measured = NOW - timedelta(days=day)
            send(jane, [reading(ReadingKind.WEIGHT, measured, "80", unit="kg")], measured)
        found = patient_trends(jane, days=90, by=cast.highland.actor("nurse"), now=NOW)
    assert [(line.days, line.readings) for line in found.charts[0].figures] == [(7, 0), (30, 0), (90, 2)]


def test_a_day_holds_what_was_measured_as_it_was_sent_and_what_was_not_counted(cast: Cast, jane: UUID) -> None:
    with cast.highland.scope():
        at = NOW - timedelta(days=1)
        send(jane, [reading(ReadingKind.WEIGHT, at, "198.4", unit="lb", flags=("battery_low",))], NOW)
        send(jane, [reading(ReadingKind.GLUCOSE, at, 112, control_solution=True)], NOW)
        send(jane, [pressure(at, 150, 90), pressure(at + timedelta(seconds=20), 150, 90)], NOW)
        page = days_of(jane, by=cast.highland.actor("ma"), now=NOW)
    assert [kind for kind, _label in page.columns] == ["blood_pressure", "glucose", "weight"]
    assert len(page.rows) == 30 and page.readings == 4
    cells = {cell.kind: cell.readings for cell in page.rows[1].cells}
    (weight,) = cells["weight"]
    assert (weight.text, weight.unit, weight.original, weight.flags) == ("90.0", "kg", "198.4 lb", ("battery_low",))
    assert [(one.status, one.is_counted, one.band) for one in cells["blood_pressure"]] == [
        ("final", True, "warning"),
        ("near_duplicate", False, "in_range"),
    ]
    assert cells["glucose"][0].status == "control_solution"
    assert page.rows[0].is_empty


def test_days_begin_and_end_on_the_patients_calendar(cast: Cast) -> None:
    far = enrol_patient(cast.highland, time_zone="Pacific/Honolulu")
    with cast.highland.scope():
        late = datetime(2026, 3, 31, 9, 59, tzinfo=UTC)  # 23:59 on the 30th in Honolulu
        send(far, [pressure(late, 120, 70), pressure(late + timedelta(minutes=1), 121, 70)], NOW)
        page = days_of(far, by=cast.highland.actor("ma"), now=NOW)
    texts = [[one.text for one in row.cells[0].readings] for row in page.rows[:2]]
    assert texts == [["121/70"], ["120/70"]]
    assert page.rows[1].cells[0].readings[0].clock == "23:59 HST"


def test_older_days_are_a_page_away_and_nonsense_is_today(cast: Cast, jane: UUID) -> None:
    by = cast.highland.actor("provider")
    with cast.highland.scope():
        first = days_of(jane, by=by, now=NOW)
        assert first.newer is None and first.older == first.first - timedelta(days=1)
        second = days_of(jane, until=first.older, by=by, now=NOW)
        assert second.last == first.older and second.newer == first.last
        assert days_of(jane, until=first.last + timedelta(days=400), by=by, now=NOW).last == first.last
        last = days_of(jane, until=datetime(2025, 12, 5, tzinfo=UTC).date(), by=by, now=NOW)
        assert last.older is None


def test_looking_is_recorded_and_asks_for_the_permission(cast: Cast, jane: UUID) -> None:
    with cast.highland.scope():
        days_of(jane, by=cast.highland.actor("nurse"), now=NOW)
        patient_trends(jane, days=30, by=cast.highland.actor("nurse"), now=NOW)
        assert AuditLog.objects.filter(action="observation.series").count() == 2
        for look in (
            lambda by: days_of(jane, by=by, now=NOW),
            lambda by: patient_trends(jane, days=30, by=by, now=NOW),
        ):
            with pytest.raises(NotPermitted):
                look(cast.highland.actor("patient"))
    with cast.lakeside.scope(), pytest.raises(NotFound):
        days_of(jane, by=cast.lakeside.actor("provider"), now=NOW)


def test_a_month_asks_as_many_queries_as_a_day(cast: Cast, jane: UUID) -> None:
    by = cast.highland.actor("provider")

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            days_of(jane, by=by, now=NOW)
            patient_trends(jane, days=90, by=by, now=NOW)
        return len(found)

    with cast.highland.scope():
        send(jane, [pressure(NOW - timedelta(hours=1), 120, 70)], NOW)
        once = asked()
        send(jane, [pressure(NOW - timedelta(days=day), 121, 71, 60) for day in range(1, 25)], NOW)
        assert asked() == once
