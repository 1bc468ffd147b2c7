"""Whether somebody who is being entered is on record already. The index proposes, the opened rows decide."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from uuid import UUID

import structlog
from django.db.models import Q, QuerySet

from apps.authentication.types import Permission
from apps.core.patients.models import Patient, SearchToken
from apps.core.patients.rules.duplicates import Particulars, likenesses
from apps.core.patients.rules.patients import display_name
from apps.core.patients.rules.search import BORN, PHONE, SearchKey, born_keys, phone_numbers
from apps.core.patients.selectors.index import indexed_otherwise, token_tags
from apps.core.patients.selectors.panels import panel_of, reached_by
from apps.core.patients.selectors.patients import visible_patients
from apps.core.patients.types import Likeness, SimilarPatient
from apps.foundation.audit import services as audit
from apps.foundation.encryption.types import EncryptionError
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.settings.selectors import get_search_mode
from apps.settings.types import SearchMode

_log = structlog.get_logger("search")
SHOWN_AT_MOST = 10
_ORDER = list(Likeness)


def similar_patients(
    *,
    first_name: str,
    last_name: str,
    date_of_birth: date,
    phone: str = "",
    answered: Collection[UUID] = (),
    by: Actor,
) -> tuple[SimilarPatient, ...]:
    """Active and archived patients who may be this person, the likeliest first and 10 at most; recorded as shown.

    None when all of them were `answered`, that is shown to the actor, who said why it is another person.
    """
    by.require(Permission.PATIENT_CREATE)
    by.require(Permission.PATIENT_READ)
    entered = Particulars(first_name, last_name, date_of_birth, phone)
    found = [
        SimilarPatient(
            id=row.id,
            display_name=display_name(row.first_name, row.last_name),
            date_of_birth=row.date_of_birth,
            mrn=row.mrn,
            status=row.status,
            outside_panel=False,
            likenesses=why,
        )
        for row in _candidates(entered)
        if (why := _compared(entered, row))
    ]
    shown = sorted(found, key=lambda one: (_ORDER.index(one.likenesses[0]), one.display_name, one.mrn))[:SHOWN_AT_MOST]
    if {one.id for one in shown} <= set(answered):
        return ()
    shown = _masked(shown, by)
    audit.record_disclosure("patient.duplicate_check", subjects=[("patient", one.id) for one in shown], by=by)
    return tuple(shown)


def _masked(shown: list[SimilarPatient], by: Actor) -> list[SimilarPatient]:
    """Those outside the actor's panel without name and number; that they are there keeps a second record away."""
    member = panel_of(by)
    if member is None:
        return shown
    reached = Patient.objects.filter(reached_by(member), id__in=[one.id for one in shown])
    mine = set(reached.values_list("id", flat=True))
    return [one if one.id in mine else replace(one, display_name="", mrn="", outside_panel=True) for one in shown]


def _candidates(entered: Particulars) -> QuerySet[Patient]:
    """Whom the index proposes, and those of whom it knows nothing: all of them where the practice has none."""
    rows = visible_patients()
    mode = get_search_mode()
    if mode is SearchMode.SCAN:
        return rows
    practice_id = current_practice_id()
    keys = born_keys(entered.date_of_birth, entered.first_name, entered.last_name)
    keys |= {SearchKey(PHONE, number) for number in phone_numbers(entered.phone)}
    tags = {tag for key in keys for tag in token_tags(practice_id, key, 0)}
    held = SearchToken.objects.filter(kind__in=(BORN, PHONE), tag__in=tags).values("patient_id")
    return rows.filter(Q(id__in=held) | indexed_otherwise(mode))


def _compared(entered: Particulars, row: Patient) -> tuple[Likeness, ...]:
    """Why the row resembles; one that does not open resembles nobody, and is logged by its id."""
    try:
        return likenesses(entered, _particulars_of(row))
    except EncryptionError as error:
        _log.error("patient_not_compared", patient=str(row.id), error=type(error).__name__)
        return ()


def _particulars_of(row: Patient) -> Particulars:
    return Particulars(row.first_name, row.last_name, row.date_of_birth, row.phone)
