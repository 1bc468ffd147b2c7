"""Everything that happened with a patient, from every app below, as one list."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.authentication import selectors as members
from apps.authentication.types import Permission
from apps.core.care.models import Call, MedicationStatement, Message, Note
from apps.core.care.selectors.call_words import OUTCOME_NAMES
from apps.core.care.selectors.event_words import resolution_words, symptom_words
from apps.core.care.selectors.note_templates import title_of
from apps.core.care.types import CallOutcome, EventKind, MessageSender, TimelineEvent, TimelinePage
from apps.core.observations import selectors as observations
from apps.core.observations.types import ReadingKind
from apps.core.patients import selectors as patients
from apps.core.triage import selectors as triage
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

PAGE_SIZE = 60
_ORDER = tuple(ReadingKind)
_HAPPENINGS = {EventKind.ALERT: "alert", EventKind.THRESHOLD: "threshold", EventKind.SYMPTOM: "symptom"}
Named = tuple[TimelineEvent, UUID | None]
"""An event, and the person whose name is to stand in it."""


def timeline_of(
    patient_id: UUID,
    *,
    zone: ZoneInfo,
    kind: EventKind | None = None,
    until: datetime | None = None,
    limit: int = PAGE_SIZE,
    by: Actor,
    now: datetime,
) -> TimelinePage:
    """What happened until a moment (now, where none is given), newest first; all kinds, or the one asked for.

    A constant number of queries, whatever the record holds. Of what the actor may not read nothing is shown. Only
    opened what is shown or nearly so. The disclosure is recorded.
    """
    by.require(Permission.PATIENT_READ)
    latest = min(until, now) if until else now
    wanted = frozenset([kind] if kind else EventKind)
    most = limit + 1
    named = [
        *_calls(patient_id, wanted, latest, most),
        *_messages(patient_id, wanted, latest, most),
        *_notes(patient_id, wanted, latest, most),
        *_medications(patient_id, wanted, latest, zone),
    ]
    names = members.members_by_id({person for _event, person in named if person is not None})
    events = [replace(event, who=names[person].full_name) if person in names else event for event, person in named]
    readings, unread = _readings(patient_id, wanted, latest, 2 * most, by)
    events += readings
    events += _happenings(patient_id, wanted, latest, most, by, now)
    events += _devices(patient_id, wanted, latest, by)
    audit.record_disclosure("patient.timeline", subjects=[("patient", patient_id)], by=by)
    events = sorted((event for event in events if unread is None or event.at > unread), key=_moment, reverse=True)
    shown = events[:limit]
    # What happened at the same moment stays on one page, so that a page begins below the last moment of the one before.
    shown += [event for event in events[limit:] if event.at == shown[-1].at]
    older = shown[-1].at - timedelta(microseconds=1) if len(events) > len(shown) else unread
    return TimelinePage(tuple(shown), older)


def _moment(event: TimelineEvent) -> datetime:
    return event.at


def _readings(
    patient_id: UUID, wanted: frozenset[EventKind], latest: datetime, limit: int, by: Actor
) -> tuple[list[TimelineEvent], datetime | None]:
    """One event a measurement, a cuff's pulse beside its pressure; and the newest moment that was not read whole."""
    if EventKind.READING not in wanted or not by.may(Permission.OBSERVATION_READ):
        return [], None
    lines = observations.recent_readings(patient_id, by=by, limit=limit, until=latest)
    unread = lines[-1].effective_at if len(lines) == limit else None
    events = []
    for at, together in groupby(lines, key=lambda line: line.effective_at):
        if at != unread:
            found = tuple(sorted(together, key=lambda line: _ORDER.index(line.kind)))
            events.append(TimelineEvent(at, EventKind.READING, readings=found))
    return events, unread


def _happenings(
    patient_id: UUID, wanted: frozenset[EventKind], latest: datetime, limit: int, by: Actor, now: datetime
) -> Iterator[TimelineEvent]:
    about = frozenset(triage.Happening(name) for kind, name in _HAPPENINGS.items() if kind in wanted)
    if not about or not by.may(Permission.TRIAGE_READ):
        return
    for event in triage.triage_events(patient_id, about=about, until=latest, limit=limit, by=by, now=now):
        kind = EventKind(event.about.value)
        if kind is EventKind.ALERT:
            parts = [resolution_words(event.code), event.words]
            if event.to_whom:
                parts.insert(0, _("to %(name)s") % {"name": event.to_whom})
            yield TimelineEvent(
                event.at,
                kind,
                title=event.text,
                detail=" · ".join(part for part in parts if part),
                who=event.who,
                action=event.action,
                level=event.severity,
            )
        elif kind is EventKind.THRESHOLD:
            yield TimelineEvent(event.at, kind, title=_("Own alert limits set"), detail=event.words, who=event.who)
        else:
            told = symptom_words(event.answers)
            level = "critical" if event.severity == "red_flag" else ""
            yield TimelineEvent(
                event.at, kind, title=_("Reported: %(what)s") % {"what": told}, detail=event.words, level=level
            )


def _calls(patient_id: UUID, wanted: frozenset[EventKind], latest: datetime, limit: int) -> Iterator[Named]:
    if EventKind.CALL not in wanted:
        return
    rows = Call.objects.filter(patient_id=patient_id, started_at__lte=latest).order_by("-started_at", "-id")
    for row in rows[:limit]:
        minutes, seconds = divmod(row.seconds, 60)
        title = _("Call: %(outcome)s, %(length)s") % {
            "outcome": str(OUTCOME_NAMES[CallOutcome(row.outcome)]).lower(),
            "length": f"{minutes}:{seconds:02d} min",
        }
        yield TimelineEvent(row.started_at, EventKind.CALL, title=title), row.author_id


def _messages(patient_id: UUID, wanted: frozenset[EventKind], latest: datetime, limit: int) -> Iterator[Named]:
    if EventKind.MESSAGE not in wanted:
        return
    rows = Message.objects.filter(thread__patient_id=patient_id, sent_at__lte=latest).select_related("thread")
    for row in rows.order_by("-sent_at", "-id")[:limit]:
        from_patient = row.sender == MessageSender.PATIENT
        words = _("Message from the patient: %(subject)s") if from_patient else _("Message to the patient: %(subject)s")
        event = TimelineEvent(
            row.sent_at,
            EventKind.MESSAGE,
            title=words % {"subject": row.thread.subject},
            detail=row.text,
            anchor=str(row.thread_id),
        )
        yield event, None if from_patient else row.author_id


def _notes(patient_id: UUID, wanted: frozenset[EventKind], latest: datetime, limit: int) -> Iterator[Named]:
    if EventKind.NOTE not in wanted:
        return
    rows = Note.objects.filter(patient_id=patient_id, written_at__lte=latest).order_by("-written_at", "-id")
    for row in rows[:limit]:
        title = _("Addendum") if row.addendum_to_id else title_of(row.kind, row.template)
        anchor = str(row.addendum_to_id or row.id)
        yield (
            TimelineEvent(row.written_at, EventKind.NOTE, title=str(title), detail=row.text, anchor=anchor),
            row.author_id,
        )
        if row.cosigned_at is not None and row.cosigned_at <= latest:
            words = _("Co-signed: %(title)s") % {"title": title}
            yield TimelineEvent(row.cosigned_at, EventKind.NOTE, title=words, anchor=anchor), row.cosigned_by_id


def _medications(patient_id: UUID, wanted: frozenset[EventKind], latest: datetime, zone: ZoneInfo) -> Iterator[Named]:
    """Beginnings and ends, on the patient's calendar; of a change of dose both."""
    if EventKind.MEDICATION not in wanted:
        return
    today = latest.astimezone(zone).date()
    begun = Q(starts_on__lte=today) | Q(ends_on__lte=today)
    for row in MedicationStatement.objects.filter(begun, patient_id=patient_id):
        named = f"{row.name}, {row.dose}" if row.dose else row.name
        begins = _begins(row.starts_on, zone)
        words = _("Medication from this day: %(name)s") % {"name": named}
        if begins <= latest:
            yield (
                TimelineEvent(begins, EventKind.MEDICATION, title=words, detail=row.instructions, whole_day=True),
                row.recorded_by_id,
            )
        if row.ends_on is not None and (ended := _begins(row.ends_on, zone)) <= latest:
            words = _("Medication until this day: %(name)s") % {"name": named}
            yield TimelineEvent(ended, EventKind.MEDICATION, title=words, detail=row.end_reason, whole_day=True), None


def _devices(patient_id: UUID, wanted: frozenset[EventKind], latest: datetime, by: Actor) -> Iterable[TimelineEvent]:
    if EventKind.DEVICE not in wanted or not by.may(Permission.DEVICE_READ):
        return
    for view in patients.devices_of(patient_id, by=by):
        name = f"{view.device.model.name}, {view.device.serial}"
        if view.starts_at <= latest:
            yield TimelineEvent(view.starts_at, EventKind.DEVICE, title=_("Device given: %(name)s") % {"name": name})
        if view.ends_at is not None and view.ends_at <= latest:
            yield TimelineEvent(view.ends_at, EventKind.DEVICE, title=_("Device taken back: %(name)s") % {"name": name})


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone)
