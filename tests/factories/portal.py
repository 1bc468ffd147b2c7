"""Patients who use the portal, made through the services; and the cast's patient, who becomes one of them."""

from datetime import datetime
from itertools import count
from uuid import UUID

from django.test import Client
from django.utils import timezone

from apps.authentication.models import User
from apps.authentication.selectors import actor_for
from apps.core.patients import services as patients
from apps.core.patients.models import Patient, PortalAccess
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from tests.cast import PASSWORD, CastPractice
from tests.factories.privacy import ask_about_privacy

_numbers = count(1)


def invite(
    practice: CastPractice, patient_id: UUID, *, email: str = "", language: str = "en", now: datetime | None = None
) -> str:
    """The secret of an invitation's link."""
    with practice.scope():
        issued = patients.invite_to_portal(
            patient_id=patient_id,
            email=email or f"someone{next(_numbers)}@home.example",
            language=language,
            by=practice.actor("ma"),
            now=now or timezone.now(),
        )
    return issued.secret


def open_account(practice: CastPractice, patient_id: UUID, *, email: str = "", language: str = "en") -> UUID:
    """The patient has an account; the user's id. The password is the cast's."""
    secret = invite(practice, patient_id, email=email, language=language)
    with practice.scope():
        born = Patient.objects.get(id=patient_id).date_of_birth
    return patients.accept_portal_invitation(
        secret=secret, date_of_birth=born, password=PASSWORD, language=language, now=timezone.now()
    )


def own_actor(practice: CastPractice, user_id: UUID) -> Actor:
    """The patient as actor."""
    found = actor_for(user_id, practice.id)
    assert found is not None
    return found


def own_client(user_id: UUID) -> Client:
    """A browser in which the patient is signed in."""
    client = Client()
    client.force_login(User.objects.get(id=user_id))
    return client


def let_in(practice: CastPractice, patient_id: UUID) -> None:
    """The cast's person of the patient role is this patient."""
    with practice.scope(), audit.change("portal.accept", subject=("patient", patient_id), by=practice.system):
        PortalAccess(patient_id=patient_id, user_id=practice.people["patient"], created_at=timezone.now()).save()


def granted_copy(practice: CastPractice, patient_id: UUID) -> UUID:
    """A copy of the record that was asked for and granted just now; the request's id."""
    asked = ask_about_privacy(practice, patient_id)
    with practice.scope():
        patients.decide_privacy_request(
            patient_id=patient_id,
            request_id=asked,
            state="granted",
            outcome="It is in the portal",
            by=practice.actor("admin"),
            now=timezone.now(),
        )
    return asked
