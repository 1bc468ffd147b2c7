"""Clocks in service hours, and the climb of what nobody takes."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from apps.authentication.services.people import deactivate_member
from apps.authentication.types import Role
from apps.core.patients.models import Patient
from apps.core.patients.services import add_team_member
from apps.core.patients.services.care_plan import end_team_member
from apps.core.triage import services
from apps.core.triage.models import Alert, AlertEvent, TriageState
from apps.core.triage.rules.duty import Duty, ServiceHours, after_service_time
from apps.core.triage.types import AlertState, Severity
from apps.foundation.notifications.models import Notification
from apps.settings.services import change_preferences
from apps.settings.types import PracticePreferences
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

CHICAGO = ZoneInfo("America/Chicago")
HOURS = ServiceHours(CHICAGO)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """A moment of 2026 on Chicago's clock: 12 March is a Thursday."""
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("started", "waits", "due"),
    [
        (at(12, 10), 4 * HOUR, at(12, 14)),
        (at(12, 14), 4 * HOUR, at(12, 18)),
        (at(12, 14, 1), 4 * HOUR, at(13, 8, 1)),
        (at(12, 17, 45), 30 * MINUTE, at(13, 8, 15)),
        (at(12, 18), 30 * MINUTE, at(13, 8, 30)),
        (at(12, 3), 30 * MINUTE, at(12, 8, 30)),
        (at(13, 17), 4 * HOUR, at(16, 11)),
        (at(14, 12), 30 * MINUTE, at(16, 8, 30)),
        (at(12, 10), 25 * HOUR, at(16, 15)),
        # the night of 8 March has one hour less
        (at(6, 17), 2 * HOUR, at(9, 9)),
    ],
)
def test_a_clock_stands_still_outside_service_hours(started: datetime, waits: timedelta, due: datetime) -> None:
    assert after_service_time(started, waits, HOURS) == due
    assert after_service_time(started.astimezone(UTC), waits, HOURS) == due


def test_hours_of_a_day_on_which_the_clocks_change() -> None:
    sundays = ServiceHours(CHICAGO, time(0), time(6), frozenset({6}))
    assert after_service_time(at(8, 0), 5 * HOUR, sundays) == at(8, 6), "five hours long"


def test_without_any_service_days_the_wall_clock_counts() -> None:
    assert after_service_time(at(14, 12), HOUR, ServiceHours(CHICAGO, days=frozenset())) == at(14, 13)


def test_a_practice_may_count_critical_alerts_day_and_night() -> None:
    duty = Duty(HOURS, critical_always=True)
    assert duty.due(Severity.CRITICAL, at(14, 3)) == at(14, 3, 30)
    assert duty.due(Severity.WARNING, at(14, 3)) == at(16, 12)
    assert duty.due(Severity.NOTICE, at(14, 3)) is None


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [(at(12, 8), True), (at(12, 7, 59), False), (at(12, 17, 59), True), (at(12, 18), False), (at(14, 12), False)],
)
def test_when_somebody_watches(moment: datetime, is_open: bool) -> None:
    assert HOURS.is_open(moment) is is_open


# The ladder, through the services.


@pytest.fixture
def patient(cast: Cast) -> UUID:
    highland = cast.highland
    patient_id = enrol_patient(highland, assigned_provider_id=highland.people["provider"])
    with highland.scope():
        nurse = highland.people["nurse"]
        if not Patient.objects.get(id=patient_id).care_team.filter(member_id=nurse).exists():
            add_team_member(
                patient_id=patient_id,
                member_id=nurse,
                team_role="nurse",
                starts_on=date(2026, 3, 1),
                by=highland.system,
            )
    return patient_id


def sweep(moment: datetime) -> None:
    services.reassess_due(now=moment)


def asked(cast: Cast) -> list[str]:
    """Whom the ladder has told, in order, by role."""
    roles = {person: role for role, person in cast.highland.people.items() if role != "biller"}
    rows = Notification.objects.filter(kind="escalated_alert").order_by("id")
    return [roles.get(row.recipient_id, "team") for row in rows]


def test_what_nobody_takes_climbs_from_the_nurse_to_the_manager(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        opened = at(12, 10)
        send(patient, [pressure(opened, 184, 122)], opened)
        sweep(opened + 29 * MINUTE)
        assert asked(cast) == []
        sweep(opened + 30 * MINUTE)
        alert = Alert.objects.get()
        assert (alert.state, alert.escalated_to, alert.ladder_step) == ("escalated", cast.highland.people["nurse"], 1)
        assert alert.clock_due_at == opened + 30 * MINUTE, "it stays overdue"
        sweep(opened + 30 * MINUTE)
        sweep(opened + 59 * MINUTE)
        assert asked(cast) == ["nurse"]
        for minutes in (60, 90, 120, 150, 600):
            sweep(opened + minutes * MINUTE)
        assert asked(cast) == ["nurse", "provider", "clinical_manager", "team"]
        assert list(AlertEvent.objects.filter(action="climbed").values_list("actor_id", flat=True)) == [None] * 4
        urgencies = set(Notification.objects.filter(kind="escalated_alert").values_list("urgency", flat=True))
        assert urgencies == {"high"}


def test_points_for_waiting_count_from_the_first_clock(cast: Cast, patient: UUID) -> None:
    def unattended() -> int:
        parts = TriageState.objects.get(id=patient).board["parts"]
        return sum(part["points"] for part in parts if part["code"] == "unattended")

    with cast.highland.scope():
        opened = at(12, 10)
        send(patient, [pressure(opened, 184, 122)], opened)
        for minutes, points in ((30, 0), (31, 5), (60, 5), (61, 10)):
            sweep(opened + minutes * MINUTE)
            assert unattended() == points, minutes


def test_a_critical_alert_of_the_night_tells_at_once_and_climbs_in_the_morning(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        night = at(12, 23)
        send(patient, [pressure(night, 184, 122)], night)
        assert [row.kind for row in Notification.objects.all()] == ["critical_alert"]
        for hour in range(24, 33):
            sweep(at(12, 0) + hour * HOUR)
        assert asked(cast) == []
        sweep(at(13, 8, 30))
        assert asked(cast) == ["nurse"]


def test_whoever_takes_it_stops_the_climb_and_worse_begins_it_anew(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        opened = at(12, 10)
        send(patient, [pressure(opened, 184, 100)], opened)
        sweep(opened + 30 * MINUTE)
        alert = Alert.objects.get()
        nurse = cast.highland.actor("nurse")
        services.acknowledge_alert(alert_id=alert.id, patient_id=patient, by=nurse, now=opened + 35 * MINUTE)
        sweep(opened + 3 * HOUR)
        assert asked(cast) == ["nurse"]
        later = opened + 4 * HOUR
        send(patient, [pressure(later, 230, 130)], later)
        alert.refresh_from_db()
        assert (alert.state, alert.ladder_step, alert.escalated_to) == (AlertState.NEW, 0, None)
        sweep(later + 30 * MINUTE)
        assert asked(cast) == ["nurse", "nurse"]


def exhausted(cast: Cast, patient: UUID, opened: datetime) -> Alert:
    """A critical alert that has asked everybody on the ladder in vain."""
    send(patient, [pressure(opened, 184, 122)], opened)
    for minutes in (30, 60, 90, 120):
        sweep(opened + minutes * MINUTE)
    assert asked(cast)[-1] == "team"
    return Alert.objects.get()


def test_the_end_of_a_snooze_tells_of_what_is_critical_and_the_climb_begins_anew(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        opened = at(12, 9)
        alert = exhausted(cast, patient, opened)
        told = Notification.objects.filter(kind="critical_alert").count()
        until = opened + 4 * HOUR
        services.snooze_alert(
            alert_id=alert.id,
            patient_id=patient,
            until=until,
            reason="on the way in",
            by=cast.highland.actor("nurse"),
            now=opened + 3 * HOUR,
        )
        sweep(until)
        assert Notification.objects.filter(kind="critical_alert").count() == told + 1
        alert.refresh_from_db()
        assert (alert.state, alert.escalated_to, alert.ladder_step) == (AlertState.NEW, None, 0)
        sweep(until + 30 * MINUTE)
        assert asked(cast)[-2:] == ["team", "nurse"]


def test_whom_a_person_asks_in_vain_is_followed_by_the_ladder_though_it_was_used_up(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        opened = at(12, 9)
        alert = exhausted(cast, patient, opened)
        later = opened + 3 * HOUR
        services.escalate_alert(
            alert_id=alert.id,
            patient_id=patient,
            to_id=cast.highland.people["provider"],
            reason="please",
            by=cast.highland.actor("nurse"),
            now=later,
        )
        sweep(later + 30 * MINUTE)
        assert asked(cast)[-3:] == ["team", "provider", "nurse"]


def test_what_somebody_took_who_leaves_asks_again(cast: Cast, patient: UUID) -> None:
    people, opened = cast.highland.people, at(12, 10)
    with cast.highland.scope():
        send(patient, [pressure(opened, 184, 122)], opened)
        alert = Alert.objects.get()
        nurse = cast.highland.actor("nurse")
        services.acknowledge_alert(alert_id=alert.id, patient_id=patient, by=nurse, now=opened + MINUTE)
        sweep(opened + 2 * HOUR)
        alert.refresh_from_db()
        assert alert.state == AlertState.ACKNOWLEDGED
        deactivate_member(user_id=people["nurse"], by=cast.highland.system)
        told = Notification.objects.filter(kind="critical_alert").count()
        sweep(opened + 4 * HOUR)
        alert.refresh_from_db()
        assert (alert.state, alert.acknowledged_by, alert.clock_due_at) == ("new", None, opened + 4.5 * HOUR)
        assert Notification.objects.filter(kind="critical_alert").count() == told + 1
        assert AlertEvent.objects.latest("at", "id").action == "taker_left"
        sweep(opened + 4.5 * HOUR)
        assert asked(cast) == ["provider"]


def test_a_warning_climbs_after_four_hours_without_haste(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        opened = at(12, 15)
        send(patient, [pressure(opened, 150, 85)], opened)
        sweep(at(13, 8, 59))
        assert asked(cast) == []
        sweep(at(13, 9))
        assert asked(cast) == ["nurse"]
        assert Notification.objects.get().urgency == "normal"


def test_steps_on_which_nobody_stands_are_passed_over(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        team = Patient.objects.get(id=patient).care_team.get(team_role="nurse")
        end_team_member(patient_id=patient, team_member_id=team.id, ends_on=date(2026, 3, 10), by=cast.highland.system)
        opened = at(12, 10)
        send(patient, [pressure(opened, 184, 122)], opened)
        sweep(opened + 30 * MINUTE)
        assert asked(cast) == ["provider"]


def test_a_named_member_may_stand_on_the_ladder(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        chosen = PracticePreferences(escalation_ladder=(str(cast.highland.people["ma"]), "provider"))
        change_preferences(preferences=chosen, by=cast.highland.system)
        opened = at(12, 10)
        send(patient, [pressure(opened, 184, 122)], opened)
        sweep(opened + 30 * MINUTE)
        assert asked(cast) == [Role.MA]


@pytest.mark.parametrize("ladder", [(), ("nurse", "nurse"), ("00000000-0000-0000-0000-000000000001",), ("nurse",) * 5])
def test_a_ladder_that_reaches_nobody_is_refused(cast: Cast, ladder: tuple[str, ...]) -> None:
    with cast.highland.scope(), pytest.raises(ValueError, match="ladder"):
        change_preferences(preferences=PracticePreferences(escalation_ladder=ladder), by=cast.highland.system)


def test_a_person_of_another_practice_is_on_no_ladder(cast: Cast) -> None:
    stranger = str(cast.lakeside.people["nurse"])
    with cast.highland.scope(), pytest.raises(ValueError, match="ladder"):
        change_preferences(preferences=PracticePreferences(escalation_ladder=(stranger,)), by=cast.highland.system)


def test_every_alert_has_an_owner(cast: Cast, patient: UUID) -> None:
    orphan = enrol_patient(cast.highland)
    with cast.highland.scope():
        for patient_id in (patient, orphan):
            send(patient_id, [pressure(at(12, 10), 184, 122)], at(12, 10))
        owners = {row.id: row.board["owner"] for row in TriageState.objects.all()}
    people = cast.highland.people
    assert owners == {patient: str(people["provider"]), orphan: str(people["clinical_manager"])}
