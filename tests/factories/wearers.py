"""Readings of two people on one cuff, and the question that they raise."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.core.triage import services
from apps.core.triage.models import WearerQuestion
from tests.cast import CastPractice
from tests.factories.readings import pressure, record, request_for
from tests.factories.records import assignment_of


def two_on_one_cuff(practice: CastPractice, patient_id: UUID) -> UUID:
    """The patient's cuff was used by two people for the last two weeks, and it is open who measures."""
    now = timezone.now()
    with practice.scope():
        assignment_id = assignment_of(practice, patient_id)
        days = [now - timedelta(days=back) for back in range(14, 0, -1)]
        given = [(at, 156, 94, 62) for at in days] + [(at + timedelta(minutes=9), 118, 72, 84) for at in days]
        record([request_for(pressure(*one), patient_id, assignment_id) for one in given], now)
        services.ask_wearer(patient_id=patient_id, by=practice.system, now=now)
        return WearerQuestion.objects.get(patient_id=patient_id).id
