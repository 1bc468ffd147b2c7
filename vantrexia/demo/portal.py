"""Somebody of the demonstration who uses the patient portal: invited, signed in, a message answered, a day told of."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.authentication.selectors import actor_for
from apps.core.care import services as care
from apps.core.patients import selectors as records
from apps.core.patients import services as patients
from apps.core.triage import services as triage
from apps.core.triage.types import Symptom
from apps.foundation.tenancy.types import Actor


def open_portal(
    patient_ids: Sequence[UUID], *, email: str, password: str, assistant: Actor, nurse: Actor, now: datetime
) -> None:
    """The first of these patients who has no account gets one with this address, and a talk with the team.

    The next is invited and has not answered. In the scope of the practice.
    """
    patient_id, waiting = [one for one in dict.fromkeys(patient_ids) if records.account_of(one) is None][:2]
    banner = records.patient_banners([patient_id])[patient_id]
    asked = now - timedelta(days=3)
    issued = patients.invite_to_portal(patient_id=patient_id, email=email, language="en", by=assistant, now=asked)
    user_id = patients.accept_portal_invitation(
        secret=issued.secret,
        date_of_birth=banner.date_of_birth,
        password=password,
        language="en",
        now=asked + timedelta(hours=2),
    )
    patients.invite_to_portal(
        patient_id=waiting, email=f"waiting-{email}", language="es", by=assistant, now=now - timedelta(days=1)
    )
    own = actor_for(user_id, assistant.practice_id)
    if own is None:
        raise LookupError("the patient of the demonstration has no account")
    thread_id = care.open_thread(
        patient_id=patient_id,
        subject="My evening pill",
        text="Can I take the evening pill with my dinner?",
        by=own,
        now=now - timedelta(hours=26),
    )
    care.send_message(
        thread_id=thread_id,
        patient_id=patient_id,
        text="Yes, with dinner is fine. Please measure before breakfast, as always.",
        by=nurse,
        now=now - timedelta(hours=22),
    )
    well: dict[str, bool | str] = dict.fromkeys((symptom.value for symptom in Symptom), False)
    triage.report_symptoms(patient_id=patient_id, answers=well, by=own, now=now - timedelta(hours=20))
