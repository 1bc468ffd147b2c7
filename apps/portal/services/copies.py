"""A copy of the record that was asked for and granted: as FHIR for programs, as PDF for people (45 CFR 164.524)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from apps.authentication.types import Permission
from apps.core.observations import selectors as observations
from apps.core.observations.types import ReadingKind, RecordedObservation
from apps.core.patients import selectors as patients
from apps.fhir_api.selectors import fhir_patient
from apps.fhir_transform.services import observation_to_fhir
from apps.fhir_transform.types import FhirObservationInput, FhirQuantity
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.documents import render_pdf
from apps.portal.selectors import own_history
from apps.portal.types import OwnCopy

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
PDF_DAYS = 90
"""How far back the readings of the PDF go; the FHIR file holds all of them."""


def fhir_copy(*, request_id: UUID, by: Actor, now: datetime) -> OwnCopy:
    """The whole record as a FHIR Bundle: the Patient and every reading that counts; recorded as disclosed.

    Raises NotFound unless the patient's own request for a copy was granted in the last 30 days.
    """
    patient_id = patients.granted_copy(request_id, by=by, now=now)
    audit.record_disclosure("portal.copy", subjects=[("patient", patient_id)], by=by)
    person = fhir_patient(patient_id, by=_reader(by)).resource
    found = observations.observations_of([patient_id], _BEGINNING).get(patient_id, [])
    resources = [person, *(_observation(one) for one in found)]
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.astimezone(UTC).isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }
    return OwnCopy(orjson.dumps(bundle, option=orjson.OPT_INDENT_2), "application/fhir+json", "my-record.json")


def pdf_copy(*, request_id: UUID, practice_name: str, by: Actor, now: datetime) -> OwnCopy:
    """The record on paper: who the patient is, what they agreed to, and the readings of 90 days; recorded.

    Raises NotFound as fhir_copy, and NoDocuments where this server draws no PDF.
    """
    patient_id = patients.granted_copy(request_id, by=by, now=now)
    audit.record_disclosure("portal.copy", subjects=[("patient", patient_id)], by=by)
    context = {
        "record": patients.record_of(patient_id, by=_reader(by)),
        "detail": patients.get_patient(patient_id, by=_reader(by)),
        "histories": [one for kind in ReadingKind if (one := own_history(kind, PDF_DAYS, now=now, by=by)).readings],
        "practice_name": practice_name,
        "now": now,
        "since": now - timedelta(days=PDF_DAYS),
    }
    return OwnCopy(render_pdf("portal/copy.html", context), "application/pdf", "my-record.pdf")


def _reader(by: Actor) -> Actor:
    """The same person, who may read their own record as it was granted: used with no other patient's id than theirs."""
    return replace(by, permissions=by.permissions | {Permission.PATIENT_READ.value})


def _observation(one: RecordedObservation) -> dict[str, Any]:
    quantities = tuple(
        FhirQuantity(value.loinc, value.value, value.ucum, value.comparator) for value in observations.coded_values(one)
    )
    return observation_to_fhir(
        FhirObservationInput(
            id=one.id,
            patient_id=one.patient_id,
            kind=one.kind.value,
            effective_at=one.effective_at,
            issued_at=one.received_at,
            quantities=quantities,
            reading_id=one.reading_id,
            status=one.status.value,
            meal=one.meal,
        )
    )
