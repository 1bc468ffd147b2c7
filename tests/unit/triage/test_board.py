"""The board: order, words, people, counts, and a price that doesn't grow with the number of patients."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.care import services as care
from apps.core.observations.types import ReadingKind
from apps.core.patients.types import RiskLevel
from apps.core.triage import selectors, services
from apps.core.triage.models import Alert, RiskScore, TriageState
from apps.core.triage.rules import repeats
from apps.core.triage.types import BoardFilters, BoardRow
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import Actor, NotPermitted
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, reading, send

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 16, 13, 0, tzinfo=UTC)
"""Eight in the morning in Chicago: when service begins after the weekend."""
ALL = BoardFilters()


def reader(practice: CastPractice) -> Actor:
    return Actor(None, practice.id, "nurse", frozenset({"triage.read", "patient.read"}))


def crowd(practice: CastPractice, count: int, now: datetime) -> list[UUID]:
    """So many patients, of every level."""
    ids = [enrol_patient(practice) for _ in range(count)]
    for number, patient_id in enumerate(ids):
        systolic = (120, 120, 150, 185)[number % 4]
        if number % 8:
            send(patient_id, [pressure(now - HOUR, systolic, 75, 66)], now)
    return ids


def test_no_data_stands_between_warning_and_normal(highland: CastPractice, now: datetime) -> None:
    crowd(highland, 16, now)
    page = selectors.board_page(filters=ALL, by=reader(highland), now=now)
    levels = [row.level.value for row in page.rows]
    assert levels == sorted(levels, key=["critical", "warning", "no_data", "normal"].index)
    assert (page.counts.critical, page.counts.warning, page.counts.no_data, page.counts.normal) == (4, 4, 2, 6)
    assert page.total == 16


def test_a_row_says_what_is_wrong_in_words(patient: UUID, highland: CastPractice, now: datetime) -> None:
    send(patient, [pressure(now - HOUR, 184, 122, 71), reading(ReadingKind.GLUCOSE, now - HOUR, 262)], now)
    row = selectors.board_page(filters=ALL, by=reader(highland), now=now).rows[0]
    assert row.score == 76
    assert row.score_text == (
        "76 = 60 BP 184/122 today 09:00 + 10 glucose 262 + 6 raised to 76 because a critical alert is open"
    )
    assert row.reason == "BP 184/122, glucose 262"
    assert sum(line.points for line in row.parts) == row.score
    assert [(value.label, value.text, value.unit, value.band) for value in row.latest] == [
        ("BP", "184/122", "mmHg", "critical"),
        ("glucose", "262", "mg/dL", "warning"),
        ("pulse", "71", "bpm", "in_range"),
    ]
    assert [(alert.title, alert.severity) for alert in row.alerts] == [
        ("BP 184/122", "critical"),
        ("Glucose 262", "warning"),
    ]
    assert row.clock_due_at == now + timedelta(minutes=30)
    assert row.unacknowledged == 2


def test_nothing_for_days_reads_as_no_data_and_never_as_normal(
    patient: UUID, highland: CastPractice, now: datetime
) -> None:
    send(patient, [pressure(now - 5 * DAY, 120, 70)], now - 5 * DAY)
    with_sweep = services.reassess_due(now=now)
    assert with_sweep == 1
    row = selectors.board_page(filters=ALL, by=reader(highland), now=now).rows[0]
    assert (row.score, row.level, row.reason, row.parts) == (None, RiskLevel.NO_DATA, "No data for 5 days", ())
    assert row.latest[0].is_old


def test_filters(highland: CastPractice, now: datetime) -> None:
    ids = crowd(highland, 8, now)
    by = reader(highland)

    def count(**chosen: object) -> int:
        return selectors.board_page(filters=BoardFilters(**chosen), by=by, now=now).total  # type: ignore[arg-type]

    assert count(level=RiskLevel.CRITICAL) == 2
    assert count(unacknowledged=True) == 4
    assert count(unacknowledged=False) == 4
    assert count(query="nobody") == 0
    page = selectors.board_page(filters=BoardFilters(ordering="risk_score"), by=by, now=now)
    assert page.rows[0].level is RiskLevel.NORMAL
    assert {row.patient_id for row in page.rows} == set(ids)


def test_the_board_costs_the_same_queries_for_10_and_for_300_patients(highland: CastPractice, now: datetime) -> None:
    by = reader(highland)
    crowd(highland, 10, now)
    with CaptureQueriesContext(connection) as ten:
        selectors.board_page(filters=ALL, by=by, now=now)
    crowd(highland, 50, now)
    for _ in range(240):
        enrol_patient(highland)
    with CaptureQueriesContext(connection) as many:
        page = selectors.board_page(filters=ALL, by=by, now=now)
    assert (page.total, len(page.rows)) == (300, 50)
    assert len(many) == len(ten)
    assert len(ten) <= 14


def test_the_cards_and_the_pager_count_alike(highland: CastPractice, now: datetime) -> None:
    by, ids = reader(highland), crowd(highland, 8, now)
    care.archive_patient(patient_id=ids[-1], reason="moved away", by=highland.system, now=now)
    counts = selectors.board_page(filters=ALL, by=by, now=now).counts
    pages = {level: selectors.board_page(filters=BoardFilters(level=level), by=by, now=now) for level in RiskLevel}
    assert {level: page.total for level, page in pages.items()} == {level: counts.at(level) for level in RiskLevel}
    assert {level: len(page.rows) for level, page in pages.items()} == {level: counts.at(level) for level in RiskLevel}
    assert sum(page.total for page in pages.values()) == 7


def test_the_stamp_costs_one_query_and_moves_with_every_change(
    patient: UUID, highland: CastPractice, now: datetime
) -> None:
    with CaptureQueriesContext(connection) as captured:
        before = selectors.board_stamp()
    assert len(captured) == 1
    send(patient, [pressure(now, 150, 80)], now)
    opened = selectors.board_stamp()
    assert opened != before
    alert = Alert.objects.get()
    by = Actor.system("test", highland.id)
    services.acknowledge_alert(alert_id=alert.id, patient_id=patient, by=by, now=now)
    acknowledged = selectors.board_stamp()
    assert acknowledged != opened
    services.reassess_due(now=now + timedelta(minutes=61))
    assert selectors.board_stamp() == acknowledged, "nothing changed by time alone"


def test_what_was_shown_is_disclosed_in_one_log_row(highland: CastPractice, now: datetime) -> None:
    crowd(highland, 3, now)
    before = AuditLog.objects.count()
    selectors.board_page(filters=ALL, by=reader(highland), now=now)
    assert AuditLog.objects.count() == before + 1
    assert AuditLog.objects.order_by("-sequence").first().action == "triage.board"


def test_without_permission_there_is_no_board(highland: CastPractice) -> None:
    with pytest.raises(NotPermitted):
        selectors.board_page(filters=ALL, by=Actor(None, highland.id, "patient"))


def test_the_trend_counts_who_changed_level_in_24_hours(highland: CastPractice, now: datetime) -> None:
    first, second = enrol_patient(highland), enrol_patient(highland)
    send(first, [pressure(now - 2 * DAY, 120, 70)], now - 2 * DAY)
    send(second, [pressure(now - 2 * DAY, 150, 70)], now - 2 * DAY)
    send(first, [pressure(now - HOUR, 190, 70)], now - HOUR)
    counts = selectors.board_counts(by=reader(highland), now=now)
    assert counts.trend == {"critical": 1, "warning": 0, "normal": -1, "no_data": 0}
    assert RiskScore.objects.count() == 3


def test_another_practice_sees_nothing(cast: Cast, now: datetime) -> None:
    patient_id = enrol_patient(cast.highland)
    with cast.highland.scope():
        send(patient_id, [pressure(now, 190, 70)], now)
    with cast.lakeside.scope():
        page = selectors.board_page(filters=ALL, by=cast.lakeside.actor("nurse"), now=now)
        assert (page.rows, page.total) == ((), 0)
        assert selectors.board_row(patient_id, by=cast.lakeside.actor("nurse")) is None
        assert not TriageState.objects.exists()


def test_names_stand_beside_what_people_did(cast: Cast, now: datetime) -> None:
    patient_id = enrol_patient(cast.highland, assigned_provider_id=cast.highland.people["provider"])
    nurse = cast.highland.actor("nurse")
    with cast.highland.scope():
        send(patient_id, [pressure(now, 150, 70)], now)
        row = selectors.board_page(filters=ALL, by=nurse, now=now).rows[0]
        assert row.owner == cast.highland.people["provider"]
        services.acknowledge_alert(alert_id=row.alerts[0].id, patient_id=patient_id, by=nurse, now=now)
        row = selectors.board_row(patient_id, by=nurse, now=now)
    assert row is not None
    assert row.alerts[0].acknowledged_by_name == "Nurse of Highland Primary Care"
    assert (row.owner, row.last_reviewed_by) == (nurse.user_id, "Nurse of Highland Primary Care")
    assert row.clock_due_at is None


def test_the_detail_says_how_sure_it_is_and_what_would_lower_it(
    patient: UUID, highland: CastPractice, now: datetime
) -> None:
    send(patient, [pressure(now - DAY, 120, 70), pressure(now, 150, 70)], now)
    detail = selectors.score_detail(patient, by=reader(highland), now=now)
    assert detail.text == "30 = 30 BP 150/70 today 10:00"
    assert detail.confidence == "2 of 7 expected days with readings"
    assert detail.would_lower == ("a new reading in range, or time: points fade over 72 hours",)


def test_without_any_sweep_silence_is_still_no_data(patient: UUID, highland: CastPractice, now: datetime) -> None:
    send(patient, [pressure(now, 120, 70)], now)
    by = reader(highland)
    fresh = selectors.board_row(patient, by=by, now=now + 3 * DAY)
    assert fresh is not None
    assert (fresh.level, fresh.score) == (RiskLevel.NORMAL, 0)
    later = now + 3 * DAY + timedelta(seconds=1)
    for row in (selectors.board_row(patient, by=by, now=later), *board_rows(by, later)):
        assert row is not None
        assert (row.level, row.score, row.reason, row.parts) == (RiskLevel.NO_DATA, None, "No data for 3 days", ())
    detail = selectors.score_detail(patient, by=by, now=later)
    assert (detail.level, detail.score, detail.parts) == (RiskLevel.NO_DATA, None, ())


def test_without_any_sweep_an_open_alert_keeps_its_level_and_is_stale(
    patient: UUID, highland: CastPractice, now: datetime
) -> None:
    send(patient, [pressure(now, 184, 122)], now)
    row = selectors.board_row(patient, by=reader(highland), now=now + 4 * DAY)
    assert row is not None
    assert (row.level, row.score, row.stale) == (RiskLevel.CRITICAL, 76, True)


@pytest.mark.parametrize("swept", [True, False])
def test_silence_reads_as_no_data_though_a_symptom_was_reported(
    patient: UUID, highland: CastPractice, now: datetime, swept: bool
) -> None:
    send(patient, [pressure(now, 120, 70)], now)
    told = now + 2 * DAY
    services.report_symptoms(patient_id=patient, answers={"cough": True}, by=highland.system, now=told)
    later = now + 3 * DAY + HOUR
    if swept:
        services.reassess_due(now=later)
    row = selectors.board_row(patient, by=reader(highland), now=later)
    assert row is not None
    assert (row.level, row.score, row.reason) == (RiskLevel.NO_DATA, None, "No data for 3 days, symptom reported")


def test_a_chart_lists_critical_alerts_before_warnings_and_notices_last(
    patient: UUID, highland: CastPractice, now: datetime
) -> None:
    send(patient, [pressure(now, 184, 122), reading(ReadingKind.GLUCOSE, now, 262)], now)
    services.reassess_due(now=now + 3 * DAY)
    lines = selectors.open_alerts(patient, by=reader(highland), now=now + 3 * DAY)
    assert [line.severity for line in lines] == ["critical", "warning", "notice"]


def test_the_row_says_that_a_warning_waits_for_a_repeat(patient: UUID, highland: CastPractice, now: datetime) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "WAIT", 15 * 60)
        send(patient, [pressure(now, 150, 70)], now)
    (row,) = board_rows(reader(highland), now)
    assert row.reason == "BP 150/70, waiting for a repeat until 10:15"


def board_rows(by: Actor, now: datetime) -> tuple[BoardRow, ...]:
    return selectors.board_page(filters=ALL, by=by, now=now).rows


def test_what_is_snoozed_waits_for_nobody(highland: CastPractice, patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 150, 80)], now)
    by = Actor.system("test", highland.id)
    (row,) = board_rows(reader(highland), now)
    assert (row.unacknowledged, row.clock_due_at) == (1, now + 4 * HOUR)
    services.snooze_alert(
        alert_id=row.alerts[0].id, patient_id=patient, until=now + 2 * DAY, reason="asleep", by=by, now=now
    )
    (row,) = board_rows(reader(highland), now + DAY)
    assert (row.unacknowledged, row.clock_due_at, len(row.alerts)) == (0, None, 1)
    services.reassess_due(now=now + 2 * DAY)
    (row,) = board_rows(reader(highland), now + 2 * DAY)
    assert (row.unacknowledged, row.clock_due_at) == (1, MONDAY + 4 * HOUR), "the snooze ends on a Saturday"


def test_the_trend_counts_new_patients_and_forgets_archived_ones(highland: CastPractice, now: datetime) -> None:
    new, gone = enrol_patient(highland), enrol_patient(highland)
    for patient_id in (new, gone):
        send(patient_id, [pressure(now, 184, 122)], now)
    care.archive_patient(patient_id=gone, reason="moved away", by=highland.system, now=now)
    counts = selectors.board_counts(by=reader(highland), now=now + HOUR)
    assert (counts.critical, counts.trend["critical"]) == (1, 1)


def test_a_late_old_reading_never_looks_present(patient: UUID, highland: CastPractice, now: datetime) -> None:
    send(patient, [pressure(now - HOUR, 118, 72)], now)
    send(patient, [pressure(now - 20 * DAY, 184, 122)], now)
    (row,) = board_rows(reader(highland), now)
    assert row.alerts[0].title == "BP 184/122 (Feb 20, 09:00)"
    assert row.reason == "BP 184/122 (Feb 20, 09:00)"


def test_a_long_episode_shows_when_its_worst_was(patient: UUID, highland: CastPractice, now: datetime) -> None:
    send(patient, [pressure(now - 2 * HOUR, 184, 122)], now)
    (row,) = board_rows(reader(highland), now)
    assert row.alerts[0].title == "BP 184/122"
    send(patient, [pressure(now - HOUR, 150, 90)], now)
    (row,) = board_rows(reader(highland), now)
    assert row.alerts[0].title == "BP 184/122 (today 08:00)"
    assert row.reason.startswith("BP 184/122 (today 08:00), BP 150/90")
    (line,) = selectors.open_alerts(patient, by=reader(highland), now=now)
    assert line.title == row.alerts[0].title


def test_in_range_is_said_only_of_what_is_current_and_judged(highland: CastPractice, now: datetime) -> None:
    by = Actor.system("test", highland.id)
    patient_id = enrol_patient(highland)
    send(patient_id, [pressure(now - 5 * DAY, 175, 104)], now - 5 * DAY)
    alert = Alert.objects.get()
    services.resolve_alert(
        alert_id=alert.id, patient_id=patient_id, code="called_advice", by=by, now=now - 5 * DAY + HOUR
    )

    def reason() -> str:
        (row,) = board_rows(reader(highland), now)
        return row.reason

    send(patient_id, [reading(ReadingKind.WEIGHT, now - HOUR, "80.0")], now)
    assert reason() == "BP last 175/104, 5 days ago, no limits for weight"
    send(patient_id, [pressure(now, 118, 72)], now)
    assert reason() == "BP in range, no limits for weight"


def test_a_heart_failure_patients_weight_is_judged(highland: CastPractice, now: datetime) -> None:
    patient_id = enrol_patient(highland, conditions=("heart_failure",))
    send(patient_id, [reading(ReadingKind.WEIGHT, now - HOUR, "80.0"), pressure(now, 118, 72)], now)
    (row,) = board_rows(reader(highland), now)
    assert row.reason == "in range"


def test_lows_and_highs_are_told_apart(patient: UUID, highland: CastPractice, now: datetime) -> None:
    for back, value in ((3, 60), (2, 62), (0, 262)):
        send(patient, [reading(ReadingKind.GLUCOSE, now - back * DAY, value)], now - back * DAY)
    (row,) = board_rows(reader(highland), now)
    assert "out of range on 3 of 7 days (2 low, 1 high)" in row.reason


def test_lows_alone_are_low(patient: UUID, highland: CastPractice, now: datetime) -> None:
    for back in (3, 2, 0):
        send(patient, [reading(ReadingKind.GLUCOSE, now - back * DAY, 62)], now - back * DAY)
    (row,) = board_rows(reader(highland), now)
    assert "low on 3 of 7 days" in row.reason
