"""Keeping the search index in step with the record."""

from collections.abc import Sequence

from apps.core.patients.models import ExternalIdentifier, Patient, SearchToken
from apps.core.patients.rules.search import RECIPES, TOKEN_VERSION, born_keys, search_keys
from apps.core.patients.selectors.identifiers import identifier_tags
from apps.core.patients.selectors.index import partition_of, token_tags
from apps.core.patients.selectors.patients import mrn_tags
from apps.core.patients.types import IdentifierInput, IdentifierType
from apps.foundation.encryption.services import hold_index_keys, index_keys
from apps.foundation.tenancy.services import current_practice_id
from apps.settings.selectors import get_search_mode
from apps.settings.types import SearchMode


def held_mrn_tags(mrn: str) -> tuple[int, ...]:
    """The tags of an MRN under every live key, the first to write; the keys stay until the transaction ends."""
    practice_id = current_practice_id()
    hold_index_keys(practice_id)
    return mrn_tags(practice_id, mrn)


def mark_as_indexed(patient: Patient) -> None:
    """The unsaved row says how index_patient will index it, so that a new patient is written once."""
    for name, value in _marks(patient, get_search_mode()).items():
        setattr(patient, name, value)


def index_patient(patient: Patient) -> None:
    """The patient is found by what stands in the row now, and by nothing else. Inside the caller's audited change."""
    index_patients([patient])


def index_patients(patients: Sequence[Patient]) -> None:
    """These patients are found by what stands in their rows now, under the practice's present key, in its present mode.

    Inside the caller's audited change, which holds the rows.
    """
    mode = get_search_mode()
    hold_index_keys(current_practice_id())
    ids = [patient.id for patient in patients]
    numbers: dict[object, list[str]] = {}
    for identifier in ExternalIdentifier.objects.filter(patient_id__in=ids):
        _retag(identifier)
        if identifier.type != IdentifierType.SOCIAL_SECURITY:
            numbers.setdefault(identifier.patient_id, []).append(identifier.value)
    SearchToken.objects.filter(patient_id__in=ids).delete()
    SearchToken.objects.bulk_create(
        token for patient in patients for token in tokens_of(patient, numbers.get(patient.id, ()), mode)
    )
    for patient in patients:
        _remember(patient, mode)


def tokens_of(patient: Patient, numbers: Sequence[str], mode: SearchMode) -> list[SearchToken]:
    """The unsaved rows of the index that make a patient findable in this mode."""
    partition = partition_of(patient.id)
    keys = search_keys(patient, numbers, mode)
    if mode is not SearchMode.SCAN:
        keys |= born_keys(patient.date_of_birth, patient.first_name, patient.last_name)
    return [
        SearchToken(
            practice_id=patient.practice_id,
            kind=key.kind,
            version=TOKEN_VERSION,
            tag=token_tags(patient.practice_id, key, partition)[0],
            patient_id=patient.id,
        )
        for key in sorted(keys, key=lambda key: (key.kind, key.text))
    ]


def _retag(identifier: ExternalIdentifier) -> None:
    given = IdentifierInput(identifier.system, identifier.value, IdentifierType(identifier.type))
    tag = identifier_tags(identifier.practice_id, given)[0]
    if identifier.tag != tag:
        ExternalIdentifier.objects.filter(id=identifier.id).update(tag=tag)


def _remember(patient: Patient, mode: SearchMode) -> None:
    marks = _marks(patient, mode)
    if any(getattr(patient, name) != value for name, value in marks.items()):
        Patient.objects.filter(id=patient.id).update(**marks)
        for name, value in marks.items():
            setattr(patient, name, value)


def _marks(patient: Patient, mode: SearchMode) -> dict[str, str | int]:
    """What a row says about its index: the recipe, the key, and the MRN's tag under that key."""
    return {
        "mrn_tag": mrn_tags(patient.practice_id, patient.mrn)[0],
        "index_recipe": RECIPES[mode],
        "index_key": index_keys(patient.practice_id)[0],
    }
