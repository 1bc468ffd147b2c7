"""The household guard: two people on one cuff are noticed, one person's own variation never is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest

from apps.core.observations.types import ReadingKind
from apps.core.patients.services import archive_record
from apps.core.triage import selectors, services
from apps.core.triage.models import WearerQuestion
from apps.core.triage.rules.household import MIN_READINGS, Measurement, looks_like_two, weighs_like_two
from apps.core.triage.selectors.wearers import wearer_questions
from apps.core.triage.types import WearerAnswer, WearerQuestionNotFound
from apps.foundation.audit import services as audit
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient, give_device
from tests.factories.readings import pressure, reading, record, request_for
from tests.factories.records import assignment_of

DAY_SECONDS, HOUR_SECONDS = 86_400, 3600
Values = tuple[float, float, float]
TYPICAL: Values = (13, 8, 8)
HUSBAND: Values = (158, 94, 62)
WIFE: Values = (120, 72, 82)


def person(
    chance: Random, mean: Values, spread: Values = TYPICAL, days: int = 30, first: int = 0, morning: Values = (0, 0, 0)
) -> list[Measurement]:
    """Two readings a day of one person: half of the variance between days, half within; mornings may be higher."""
    found = []
    for day in range(first, first + days):
        shift = [chance.gauss(0, one * 0.7) for one in spread]
        for hour in (7, 19):
            values = [
                round(usual + moved + chance.gauss(0, one * 0.7) + (more if hour < 12 else 0))
                for usual, moved, one, more in zip(mean, shift, spread, morning, strict=True)
            ]
            at = day * DAY_SECONDS + hour * HOUR_SECONDS + chance.randrange(1200)
            found.append(Measurement(at, hour, tuple(float(value) for value in values)))
    return found


def household(chance: Random, *, share: float = 1.0) -> list[Measurement]:
    """Husband and wife one after the other; she measures only so often."""
    quiet: Values = (10, 6, 6)
    his = person(chance, HUSBAND, quiet)
    hers = [replace(one, at=one.at + 600) for one in person(chance, WIFE, quiet) if chance.random() < share]
    return his + hers


def asked(make: Callable[[Random], list[Measurement]], times: int = 150) -> int:
    return sum(looks_like_two(make(Random(seed))) is not None for seed in range(times))


@pytest.mark.parametrize(
    "make",
    [
        lambda chance: person(chance, (138, 84, 72)),
        lambda chance: person(chance, (150, 88, 75), spread=(20, 12, 12)),
        lambda chance: person(chance, (150, 88, 75), days=10, spread=(14, 9, 9)),
        lambda chance: person(chance, (128, 78, 70), morning=(30, 15, 10)),
        lambda chance: person(chance, (170, 100, 85), days=15) + person(chance, (130, 80, 65), days=15, first=15),
        lambda chance: [
            replace(one, values=(*one.values[:2], one.values[2] + chance.choice([0, 45])))
            for one in person(chance, (140, 85, 70))
        ],
        lambda chance: person(chance, (138, 84, 72)) + person(chance, (190, 120, 110), days=2),
    ],
    ids=["usual", "wide", "few", "high mornings", "new treatment", "fibrillation", "two bad days"],
)
def test_one_person_is_never_asked_about(make: Callable[[Random], list[Measurement]]) -> None:
    assert asked(make) == 0


def test_two_people_are_noticed_with_both_groups() -> None:
    assert asked(household) == 150
    assert asked(lambda chance: household(chance, share=0.5)) == 150
    found = looks_like_two(household(Random(7)))
    assert found is not None
    assert abs(found.lower.count - 60) < 3 and found.lower.count + found.upper.count == 120
    assert abs(found.lower.means[0] - WIFE[0]) < 5 and abs(found.upper.means[0] - HUSBAND[0]) < 5
    assert found.turns > 50


def test_the_order_of_arrival_leaves_no_trace() -> None:
    readings = household(Random(7))
    assert looks_like_two(readings[::-1]) == looks_like_two(readings)


def test_too_few_readings_say_nothing() -> None:
    readings = sorted(household(Random(7)), key=lambda one: one.at)
    assert looks_like_two(readings[: MIN_READINGS - 1]) is None
    assert looks_like_two(readings[:MIN_READINGS]) is not None
    assert looks_like_two([]) is None


def test_one_who_measures_mornings_and_one_evenings_cannot_be_told_from_one_person() -> None:
    his = [one for one in person(Random(3), HUSBAND) if one.hour < 12]
    hers = [one for one in person(Random(4), WIFE) if one.hour > 12]
    assert looks_like_two(his + hers) is None


def weights(*kilograms: float) -> list[Measurement]:
    return [Measurement(place * DAY_SECONDS, 7, (value,)) for place, value in enumerate(kilograms)]


def test_weights_of_two_people_are_noticed_and_water_is_not() -> None:
    assert weighs_like_two(weights(*[82.0, 74.5] * 10)) is not None
    assert weighs_like_two(weights(*[82.0, 78.2] * 10)) is None, "dialysis"
    assert weighs_like_two(weights(*[90.0] * 10, *[82.0] * 10)) is None, "lost for good"
    assert weighs_like_two(weights(*[82.0 + place * 0.5 for place in range(20)])) is None
    assert weighs_like_two(weights(*[82.0, 74.5] * 9)) is None, "too few"


# What becomes of it


@pytest.fixture
def couple(cast: Cast, now: datetime) -> UUID:
    """A patient of Highland whose cuff two people use."""
    patient_id = enrol_patient(cast.highland)
    measure_two(cast.highland, patient_id, now)
    return patient_id


def measure_two(practice: CastPractice, patient_id: UUID, now: datetime, *, wife: bool = True) -> None:
    give_device(practice, patient_id, since=now - timedelta(days=60))
    with practice.scope():
        assignment_id = assignment_of(practice, patient_id)
        chance, requests = Random(5), []
        for back in range(14, 0, -1):
            at = now - timedelta(days=back)
            one = pressure(at, 152 + chance.randrange(12), 92 + chance.randrange(6), 60 + chance.randrange(6))
            other = pressure(at + timedelta(minutes=9), 116 + chance.randrange(8), 70 + chance.randrange(6), 84)
            requests += [request_for(given, patient_id, assignment_id) for given in ([one, other] if wife else [one])]
        record(requests, now)


def test_the_question_is_asked_once_and_told(cast: Cast, couple: UUID, now: datetime) -> None:
    with cast.highland.scope():
        assert services.ask_wearer(patient_id=couple, by=cast.highland.system, now=now) == 1
        assert services.ask_wearer(patient_id=couple, by=cast.highland.system, now=now) == 0
        row = WearerQuestion.objects.get()
        assert row.evidence["kind"] == "blood_pressure"
        assert [group["count"] for group in row.evidence["groups"]] == [14, 14]
        assert is_marked(cast, couple)
        told = Notification.objects.get(kind="wearer_question")
        assert told.reference == couple


def test_one_persons_cuff_is_not_asked_about(cast: Cast, now: datetime) -> None:
    patient_id = enrol_patient(cast.highland)
    measure_two(cast.highland, patient_id, now, wife=False)
    with cast.highland.scope():
        assert services.ask_wearer(patient_id=patient_id, by=cast.highland.system, now=now) == 0


def test_the_sweep_comes_to_everybody_once_a_day_and_to_every_practice(cast: Cast, couple: UUID, now: datetime) -> None:
    other = enrol_patient(cast.lakeside)
    measure_two(cast.lakeside, other, now)
    turns = {hour: services.ask_wearers(now=now.replace(hour=hour)) for hour in range(15, 24)}
    turns |= {hour: services.ask_wearers(now=now.replace(hour=hour) + timedelta(days=1)) for hour in range(15)}
    assert sum(turns.values()) == 2
    assert turns[couple.int % 24] >= 1
    assert turns[other.int % 24] >= 1


def test_an_archived_patient_is_left_alone(cast: Cast, couple: UUID, now: datetime) -> None:
    with cast.highland.scope(), audit.change("test", by=cast.highland.system):
        archive_record(patient_id=couple, reason="Discharged", release_devices=True, by=cast.highland.system, now=now)
    assert sum(services.ask_wearers(now=now.replace(hour=hour)) for hour in range(24)) == 0


@pytest.mark.parametrize(
    ("answer", "again"),
    [(WearerAnswer.SAME_PERSON, 0), (WearerAnswer.UNKNOWN, 1), (WearerAnswer.SOMEBODY_ELSE, 1)],
)
def test_an_answer_closes_it_under_a_name(
    cast: Cast, couple: UUID, now: datetime, answer: WearerAnswer, again: int
) -> None:
    nurse = cast.highland.actor("nurse")
    with cast.highland.scope():
        services.ask_wearer(patient_id=couple, by=cast.highland.system, now=now)
        question = WearerQuestion.objects.get()
        services.answer_wearer(
            patient_id=couple, question_id=question.id, answer=answer, note="asked by phone", by=nurse, now=now
        )
        line = wearer_questions(couple, by=nurse)[0]
        assert (line.answer, line.answered_by_name, line.note) == (answer, nurse_name(cast), "asked by phone")
        assert not is_marked(cast, couple)
        assert services.ask_wearer(patient_id=couple, by=cast.highland.system, now=now + timedelta(days=1)) == 0
        later = now + timedelta(days=31)
        measure_again(cast.highland, couple, question.assignment_id, later)
        assert services.ask_wearer(patient_id=couple, by=cast.highland.system, now=later) == again
        with pytest.raises(WearerQuestionNotFound):
            services.answer_wearer(patient_id=couple, question_id=question.id, answer=answer, by=nurse, now=now)


def is_marked(cast: Cast, patient_id: UUID) -> bool:
    """Whether the board says that maybe two people measure."""
    row = selectors.board_row(patient_id, by=cast.highland.actor("nurse"))
    return row is not None and row.questioned


def nurse_name(cast: Cast) -> str:
    return f"Nurse of {cast.highland.name}"


def measure_again(practice: CastPractice, patient_id: UUID, assignment_id: UUID, now: datetime) -> None:
    requests = []
    for back in range(14, 0, -1):
        at = now - timedelta(days=back)
        for given in (pressure(at, 156, 94, 62), pressure(at + timedelta(minutes=9), 118, 72, 84)):
            requests.append(request_for(given, patient_id, assignment_id))
    record(requests, now)


def test_only_who_may_answers_and_only_for_this_patient(cast: Cast, couple: UUID, now: datetime) -> None:
    other = enrol_patient(cast.highland)
    with cast.highland.scope():
        services.ask_wearer(patient_id=couple, by=cast.highland.system, now=now)
        question = WearerQuestion.objects.get()
        given = {"question_id": question.id, "answer": "same_person", "now": now}
        with pytest.raises(NotPermitted):
            services.answer_wearer(patient_id=couple, by=cast.highland.actor("patient"), **given)  # type: ignore[arg-type]
        with pytest.raises(WearerQuestionNotFound):
            services.answer_wearer(patient_id=other, by=cast.highland.actor("nurse"), **given)  # type: ignore[arg-type]


def test_a_scale_is_asked_about_too(cast: Cast, now: datetime) -> None:
    patient_id = enrol_patient(cast.highland)
    give_device(cast.highland, patient_id, model="UC-352BLE", since=now - timedelta(days=60))
    with cast.highland.scope():
        assignment_id = assignment_of(cast.highland, patient_id)
        requests = [
            request_for(
                reading(ReadingKind.WEIGHT, now - timedelta(hours=26 * back), Decimal("82.0") - 7 * (back % 2)),
                patient_id,
                assignment_id,
            )
            for back in range(24, 0, -1)
        ]
        record(requests, now)
        assert services.ask_wearer(patient_id=patient_id, by=cast.highland.system, now=now) == 1
        line = wearer_questions(patient_id, by=cast.highland.system)[0]
        assert [group.text for group in line.groups] == ["75 kg", "82 kg"]
