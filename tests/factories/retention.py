"""Archived records whose retention has run out."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.core.care import services as care
from apps.core.patients import selectors as patients
from apps.core.patients import services
from tests.cast import CastPractice
from tests.factories.patients import enrol_patient

LONG_AGO = timedelta(days=6 * 366)


def flagged_record(practice: CastPractice, **values: Any) -> tuple[UUID, UUID]:
    """Somebody archived more than six years ago, whom an administrator is asked about: the patient and the review."""
    patient_id = enrol_patient(practice, **values)
    now = timezone.now()
    with practice.scope():
        care.archive_patient(patient_id=patient_id, reason="Patient deceased", by=practice.system, now=now - LONG_AGO)
        services.flag_due_records(now=now)
        waiting = patients.retention_page(decided=False, page_size=100, by=practice.system)
    (review_id,) = [line.id for line in waiting.rows if line.patient_id == patient_id]
    return patient_id, review_id
