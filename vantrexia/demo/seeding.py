"""Fills an empty installation with the demonstration, all of it through the doors that production uses."""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.authentication import selectors as members
from apps.authentication.services import register_user
from apps.authentication.types import Role
from apps.core.care import services as care
from apps.core.patients import services as patients
from apps.core.patients.types import Gender, RiskLevel
from apps.core.triage import services as triage
from apps.core.triage.selectors import board_page, open_alerts
from apps.core.triage.types import BoardFilters, ResolutionCode
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor
from apps.ingestion.services import accept_transmission, process_due_transmissions
from apps.mio_integration.services import read_envelope
from apps.settings.services import change_preferences
from apps.settings.types import PracticePreferences
from vantrexia.demo.contact import write_contacts
from vantrexia.demo.enrolment import Team, complete_record, confirm_wearers
from vantrexia.demo.history import MODELS, Course, Measured, Plan, measure, plan_courses, plan_patient
from vantrexia.demo.household import of_the_other, shares_a_cuff
from vantrexia.demo.medications import prescribe
from vantrexia.demo.minutes import record_work
from vantrexia.demo.notes import write_notes
from vantrexia.demo.notifications import settle_notifications
from vantrexia.demo.people import Person, invent_people
from vantrexia.demo.portal import open_portal
from vantrexia.demo.team import leave_traces
from vantrexia.demo.thresholds import set_limits

HISTORY_DAYS = 30
_READINGS_A_TRANSMISSION = 50
_DAYS_WITH_SWEEPS = 2.5
_EVERY_THIRD = 3
_FORMER = ("Discharged from RPM: goals met", "Transferred to another provider")
_MEMBERS = (
    ("admin", "Avery Lindholm", Role.ADMIN, False),
    ("manager", "Morgan Castellane", Role.CLINICAL_MANAGER, False),
    ("provider", "Dr. Ana Rivera", Role.PROVIDER, False),
    ("nurse", "Kenji Ito", Role.NURSE, False),
    ("ma", "Priya Raman", Role.MA, False),
    ("monitor", "Sam Okoye", Role.DATA_MONITOR, False),
    ("biller", "Lena Fischer", Role.MA, True),
)


@dataclass(frozen=True)
class DemoPractice:
    """One of the two practices and how many patients it gets for each hundred asked for."""

    name: str
    mail_domain: str
    time_zone: str
    share: float


PRACTICES = (
    DemoPractice("Highland Primary Care", "highland.example", "America/Chicago", 1.0),
    DemoPractice("Lakeside Family Medicine", "lakeside.example", "America/Denver", 0.12),
)


@dataclass
class Login:
    """One person who can sign in to the demonstration."""

    email: str
    password: str
    role: str
    practice: str
    biller: bool


@dataclass
class Card:
    """What the demonstration's owner needs to know: logins and devices."""

    users: list[Login] = field(default_factory=list)
    devices: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        """The card as bin/demo reads it."""
        return json.dumps({"users": [asdict(login) for login in self.users], "devices": self.devices}, indent=2)


@dataclass(frozen=True)
class _Worn:
    """A device on a patient, with the plan by which it measures."""

    serial: str
    model: str
    kind: str
    assignment_id: UUID


def fill(*, patients_wanted: int, now: datetime, seed: int) -> Card:
    """Two practices with people of every role, patients with devices, and 30 days of history judged day by day."""
    card = Card()
    chance = Random(seed)  # noqa: S311
    for practice in PRACTICES:
        count = max(4, round(patients_wanted * practice.share))
        _fill_practice(practice, count, now, chance, card)
    settle_notifications(now)
    return card


def _fill_practice(practice: DemoPractice, count: int, now: datetime, chance: Random, card: Card) -> None:
    practice_id = register_practice(name=practice.name, time_zone=practice.time_zone)
    by = Actor.system("seed", practice_id)
    with scope(practice_id):
        # The clocks of a demonstration run on a weekend too.
        change_preferences(preferences=PracticePreferences(service_days=tuple(range(7))), by=by)
    providers = _register_members(practice, practice_id, by, card)
    day_one = now - timedelta(days=HISTORY_DAYS + 1)
    courses = plan_courses(count)
    people = invent_people(count, today=now.date(), chance=chance)
    measured: list[tuple[Measured, _Worn]] = []
    attended: list[UUID] = []
    steady: list[UUID] = []
    couple: UUID | None = None
    assigned: list[tuple[UUID, UUID]] = []
    paper = Random(len(people))  # noqa: S311
    team = _team(practice, practice_id, card)
    first_day = day_one.astimezone(ZoneInfo(practice.time_zone)).date()
    for number, (person, course) in enumerate(zip(people, courses, strict=True)):
        plan = plan_patient(course, chance)
        with scope(practice_id), transaction.atomic():
            patient_id = _register_patient(person, plan, providers[number % len(providers)], day_one, practice, by)
            worn = [_give_device(kind, patient_id, day_one, chance, by) for kind in plan.kinds]
            complete_record(
                patient_id,
                person,
                plan.conditions[0],
                number=number,
                day_one=day_one,
                since=first_day,
                team=team,
                chance=paper,
            )
        assigned += [(patient_id, item.assignment_id) for item in worn]
        if plan.had_episode:
            attended.append(patient_id)
        elif course is Course.STEADY:
            steady.append(patient_id)
        by_kind = {item.kind: item for item in worn}
        readings = list(measure(plan, now=now, days=HISTORY_DAYS, zone=practice.time_zone, chance=chance))
        if couple is None and shares_a_cuff(plan):
            couple = patient_id
            readings += of_the_other(readings, plan)
        measured += [(reading, by_kind[reading.kind]) for reading in readings]
        baseline = {name: round(value, 1) for name, value in plan.usual.items()}
        card.devices += [
            {
                "serial": item.serial,
                "model": item.model,
                "patient_id": str(patient_id),
                "practice": practice.name,
                "baseline": baseline,
            }
            for item in worn
        ]
    nurse = _member(practice, practice_id, card, Role.NURSE)
    manager = _member(practice, practice_id, card, Role.CLINICAL_MANAGER) if practice is PRACTICES[0] else None
    with scope(practice_id):
        admin = _member(practice, practice_id, card, Role.ADMIN)
        set_limits(steady, manager=manager, provider=team.provider, admin=admin, now=now)
    for moment in _send_history(measured, now, practice.time_zone):
        with scope(practice_id):
            _resolve_past_alerts(attended, moment, nurse)
        if now - moment < timedelta(days=_DAYS_WITH_SWEEPS):
            _sweep(moment)
    _sweep(now)
    with scope(practice_id), transaction.atomic():
        confirm_wearers(assigned, by=team.assistant)
    with scope(practice_id):
        if couple is not None:
            triage.ask_wearer(patient_id=couple, by=by, now=now)
        _acknowledge_some(_EVERY_THIRD, now, nurse)
        patient_ids = list(dict.fromkeys(patient_id for patient_id, _assignment_id in assigned))
        prescribe(patient_ids, nurse=nurse, provider=team.provider, now=now)
        write_notes(patient_ids, nurse=nurse, provider=team.provider, system=by, now=now)
        write_contacts(patient_ids, nurse=nurse, mail_domain=practice.mail_domain, password=_password(), now=now)
        own = Login(f"patient@{practice.mail_domain}", _password(), Role.PATIENT.value, practice.name, False)
        open_portal(
            [*steady, *patient_ids],
            email=own.email,
            password=own.password,
            assistant=team.assistant,
            nurse=nurse,
            now=now,
        )
        card.users.append(own)
        record_work(patient_ids, people=(nurse, team.provider), zone=practice.time_zone, now=now)
        leave_traces(nurse=nurse, provider=team.provider, now=now)
        _archive_former_patients(practice, providers[0], day_one, now, by, team.provider)


def _archive_former_patients(
    practice: DemoPractice, provider_id: UUID, day_one: datetime, now: datetime, by: Actor, provider: Actor
) -> None:
    """Patients whom the practice no longer monitors; their readable records are in the archive."""
    chance = Random(len(_FORMER))  # noqa: S311
    people = invent_people(len(_FORMER), today=now.date(), chance=chance)
    for person, reason in zip(people, _FORMER, strict=True):
        plan = plan_patient(Course.STEADY, chance)
        patient_id = _register_patient(person, plan, provider_id, day_one, practice, by)
        care.archive_patient(patient_id=patient_id, reason=reason, by=provider, now=now)


def _acknowledge_some(every: int, now: datetime, nurse: Actor) -> None:
    """Every third open warning is in the nurse's hands; critical ones wait for whoever opens the board."""
    waiting = board_page(filters=BoardFilters(level=RiskLevel.WARNING), page=1, page_size=100, by=nurse, now=now)
    for row in waiting.rows[::every]:
        for alert in row.alerts:
            triage.acknowledge_alert(alert_id=alert.id, patient_id=row.patient_id, by=nurse, now=now)


def _member(practice: DemoPractice, practice_id: UUID, card: Card, role: Role) -> Actor:
    email = next(login.email for login in card.users if (login.role, login.practice) == (role.value, practice.name))
    user_id = members.find_user_id(email)
    actor = members.actor_for(user_id, practice_id) if user_id else None
    if actor is None:
        raise LookupError("a person of the demonstration is missing")
    return actor


def _team(practice: DemoPractice, practice_id: UUID, card: Card) -> Team:
    with scope(practice_id):
        nurse = members.list_members(Role.NURSE)[0]
    return Team(
        assistant=_member(practice, practice_id, card, Role.MA),
        provider=_member(practice, practice_id, card, Role.PROVIDER),
        nurse=nurse,
    )


def _resolve_past_alerts(patient_ids: Sequence[UUID], moment: datetime, nurse: Actor) -> None:
    """What these patients' past episodes raised is acknowledged and, after a day, resolved by the nurse."""
    for patient_id in patient_ids:
        for alert in open_alerts(patient_id=patient_id, by=nurse):
            if moment - alert.opened_at > timedelta(hours=12):
                triage.acknowledge_alert(alert_id=alert.id, patient_id=patient_id, by=nurse, now=moment)
                triage.resolve_alert(
                    alert_id=alert.id,
                    patient_id=patient_id,
                    code=ResolutionCode.REPEAT_NORMAL.value,
                    by=nurse,
                    now=moment + timedelta(minutes=3),
                )


def _sweep(moment: datetime) -> None:
    while triage.reassess_due(now=moment):
        pass


def _register_members(practice: DemoPractice, practice_id: UUID, by: Actor, card: Card) -> list[UUID]:
    providers = []
    for name, full_name, role, is_biller in _MEMBERS:
        email, password = f"{name}@{practice.mail_domain}", _password()
        user_id = register_user(
            email=email,
            full_name=full_name,
            password=password,
            practice_id=practice_id,
            role=role,
            is_biller=is_biller,
            username="admin" if name == "admin" and practice is PRACTICES[0] else "",
            by=by,
        )
        card.users.append(Login(email, password, role.value, practice.name, is_biller))
        if role in (Role.PROVIDER, Role.NURSE):
            providers.append(user_id)
    return providers


def _password() -> str:
    return f"Vx-{secrets.token_urlsafe(12)}-7a"


def _register_patient(
    person: Person, plan: Plan, provider_id: UUID, since: datetime, practice: DemoPractice, by: Actor
) -> UUID:
    return patients.register_patient(
        first_name=person.first_name,
        last_name=person.last_name,
        date_of_birth=person.date_of_birth,
        gender=Gender(person.gender),
        phone=person.phone,
        email=person.email,
        address_lines=[person.address_line],
        city=person.city,
        state=person.state,
        postal_code=person.postal_code,
        time_zone=practice.time_zone,
        conditions=plan.conditions,
        assigned_provider_id=provider_id,
        monitoring_since=since.astimezone(ZoneInfo(practice.time_zone)).date(),
        by=by,
    )


def _give_device(kind: str, patient_id: UUID, since: datetime, chance: Random, by: Actor) -> _Worn:
    model = chance.choice(MODELS[kind])
    serial = f"{chance.randint(5_000_000_000, 5_999_999_999)}"
    device_id = patients.register_device(serial=serial, serial_again=serial, model=model, by=by)
    assignment_id = patients.assign_device(device_id=device_id, patient_id=patient_id, starts_at=since, by=by)
    return _Worn(serial, model, kind, assignment_id)


def _send_history(measured: list[tuple[Measured, _Worn]], now: datetime, zone: str) -> Iterator[datetime]:
    """Sends one local day after the other through the webhook's door, and says when each was over."""
    local = ZoneInfo(zone)
    by_day: dict[Any, list[tuple[Measured, _Worn]]] = defaultdict(list)
    for item in sorted(measured, key=lambda pair: pair[0].at):
        by_day[item[0].at.astimezone(local).date()].append(item)
    for day in sorted(by_day):
        moment = min(now, by_day[day][-1][0].at + timedelta(minutes=1))
        for some in _portions(by_day[day]):
            body = _transmission(some, moment)
            accept_transmission(body=body, envelope=read_envelope(body=body), now=moment)
        while process_due_transmissions(now=moment):
            pass
        yield moment


def _portions(items: Sequence[tuple[Measured, _Worn]]) -> Iterable[Sequence[tuple[Measured, _Worn]]]:
    for start in range(0, len(items), _READINGS_A_TRANSMISSION):
        yield items[start : start + _READINGS_A_TRANSMISSION]


def _transmission(items: Sequence[tuple[Measured, _Worn]], sent_at: datetime) -> bytes:
    readings = [
        {
            "reading_id": f"rdg_{secrets.token_hex(10)}",
            "device": {"serial": worn.serial, "model": worn.model, "battery_pct": 80},
            "type": reading.kind,
            "measured_at": _instant(reading.at),
            "received_at": _instant(reading.at + timedelta(seconds=20)),
            **reading.values,
        }
        for reading, worn in items
    ]
    return json.dumps(
        {
            "schema_version": "1.0",
            "event_id": f"evt_{secrets.token_hex(10)}",
            "event_type": "reading.batch",
            "sent_at": _instant(sent_at),
            "readings": readings,
        }
    ).encode()


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + "+00:00"
