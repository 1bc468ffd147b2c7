"""Reading documented calls, and what somebody should know who is about to make one."""

from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.authentication import selectors as members
from apps.authentication.types import Permission
from apps.core.care.models import Call, Note
from apps.core.care.rules.calls import dial, unreached_in_a_row
from apps.core.care.selectors.call_words import IDENTITY_NAMES, OUTCOME_NAMES, script_of
from apps.core.care.types import CallOutcome, CallPage, CallPrompt, CallView, IdentityCheck, PhoneNumber
from apps.core.patients.types import NotFound, PatientDetail
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page

PAGE_SIZE = 20
_LOOKED_BACK = 30
"""Calls that are looked at to count the tries in a row."""


def calls_of(patient_id: UUID, *, page: int = 1, page_size: int = PAGE_SIZE, by: Actor) -> CallPage:
    """A page of the patient's calls with what was written, newest first; the disclosure is recorded.

    A constant number of queries. An unknown patient has no calls: whoever shows the page asks for the banner as well.
    """
    by.require(Permission.PATIENT_READ)
    rows = Call.objects.filter(patient_id=patient_id)
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    views = _opened(list(rows.order_by("-started_at", "-id")[place]))
    audit.record_disclosure("call.read", subjects=[("patient", patient_id)], by=by)
    return CallPage(tuple(views), total, number, page_size)


def get_call(call_id: UUID, patient_id: UUID, *, by: Actor) -> CallView:
    """One call; the disclosure is recorded. Raises NotFound, also where it is another patient's."""
    by.require(Permission.PATIENT_READ)
    row: Call | None = Call.objects.filter(id=call_id, patient_id=patient_id).first()
    if row is None:
        raise NotFound("call")
    (view,) = _opened([row])
    audit.record_disclosure("call.read", subjects=[("patient", patient_id)], by=by)
    return view


def call_prompt(detail: PatientDetail, *, rule: str = "", by: Actor, now: datetime) -> CallPrompt:
    """Numbers, tries and script for a call to this patient, about an alert of this rule if one is named.

    A part of a page that has recorded its disclosure.
    """
    by.require(Permission.PATIENT_READ)
    newest = list(Call.objects.filter(patient_id=detail.banner.id).order_by("-started_at", "-id")[:_LOOKED_BACK])
    begin = _day_began(now)
    unreached = unreached_in_a_row([CallOutcome(one.outcome) for one in newest])
    spoken = next((one for one in detail.demographics.languages if one.preferred), None)
    return CallPrompt(
        numbers=numbers_of(detail),
        tries_today=sum(one.started_at >= begin for one in newest[:unreached]),
        unreached=unreached,
        last=_opened(newest[:1])[0] if newest else None,
        language=preferred_language(detail),
        language_words=spoken.language.words if spoken else "",
        script=script_of(rule),
    )


def unreached_tries(patient_id: UUID, *, by: Actor) -> int:
    """How many calls in a row reached nobody. One query, no PHI."""
    by.require(Permission.PATIENT_READ)
    rows = Call.objects.filter(patient_id=patient_id).order_by("-started_at", "-id")
    return unreached_in_a_row([CallOutcome(one) for one in rows.values_list("outcome", flat=True)[:_LOOKED_BACK]])


def numbers_of(detail: PatientDetail) -> tuple[PhoneNumber, ...]:
    """Every number under which the patient or somebody close may be reached, the patient's own first."""
    found = [(_("Patient"), detail.phone)]
    found += [(_("Patient"), one.value) for one in detail.demographics.telecoms if one.system in ("phone", "sms")]
    for contact in detail.demographics.contacts:
        relationship = next((one.words for one in contact.relationships if one.words), _("contact"))
        label = f"{contact.name.words} ({relationship})" if contact.name else relationship
        found += [(label, one.value) for one in contact.telecoms if one.system in ("phone", "sms")]
    numbers: dict[str, PhoneNumber] = {}
    for label, number in found:
        dialled = dial(number)
        if dialled:
            numbers.setdefault(dialled, PhoneNumber(label, number, dialled))
    return tuple(numbers.values())


def preferred_language(detail: PatientDetail) -> str:
    """The language in which the patient wants to be spoken to, as a code of two letters; empty where none is known."""
    spoken = next((one for one in detail.demographics.languages if one.preferred), None)
    if spoken is None:
        return ""
    code = next((one.code for one in spoken.language.codings if one.code), "")
    words = spoken.language.words.casefold()
    return code[:2].lower() if code else "es" if words in ("spanish", "español") else ""


def _day_began(now: datetime) -> datetime:
    zone = ZoneInfo(get_practice(current_practice_id()).time_zone)
    return datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)


def _opened(rows: list[Call]) -> list[CallView]:
    names = members.members_by_id({row.author_id for row in rows}) if rows else {}
    notes = Note.objects.in_bulk({row.note_id for row in rows if row.note_id})
    views = []
    for row in rows:
        outcome = CallOutcome(row.outcome)
        check = IdentityCheck(row.identity_check) if row.identity_check else None
        note = notes.get(row.note_id) if row.note_id else None
        views.append(
            CallView(
                id=row.id,
                patient_id=row.patient_id,
                author_id=row.author_id,
                author_name=names[row.author_id].full_name if row.author_id in names else "",
                outcome=outcome,
                outcome_words=str(OUTCOME_NAMES[outcome]),
                identity_check=check,
                identity_words=str(IDENTITY_NAMES[check]) if check else "",
                interactive=row.interactive,
                started_at=row.started_at,
                seconds=row.seconds,
                phone=row.phone,
                text=note.text if note else "",
                note_id=row.note_id,
                alert_id=row.alert_id,
                recorded_at=row.recorded_at,
            )
        )
    return views
