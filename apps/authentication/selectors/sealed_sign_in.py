"""Finding accounts by the address that people type: colleagues' in clear, patients' by a keyed tag."""

from uuid import UUID

from apps.authentication.models import SealedSignIn, User
from apps.authentication.rules.lockout import normalised_name
from apps.authentication.rules.sealed_sign_in import is_placeholder
from apps.foundation.encryption.services import PLATFORM_ID, blind_index


def email_tag(email: str) -> int:
    """Under what an address of a patient is found: a tag keyed by the platform, before any practice is known."""
    return blind_index(PLATFORM_ID, "authentication.sign_in", normalised_name(email))


def account_by_email(email: str) -> User | None:
    """The account that signs in with this address, a colleague's or a patient's, or None.

    The same two queries whoever it is. A placeholder is nobody's address.
    """
    name = normalised_name(email)
    colleague = None if is_placeholder(name) else User.objects.filter(email=name).first()
    patient = sealed_account(name)
    return colleague or patient


def sealed_account(email: str) -> User | None:
    """The patient's account that signs in with this address, or None."""
    name = normalised_name(email)
    row = SealedSignIn.objects.filter(email_tag=email_tag(name)).select_related("user").first()
    return row.user if row is not None and row.email == name else None


def sign_in_email(user_id: UUID) -> str:
    """The address with which this person signs in, opened where it is sealed. "" where the sign-in was ended."""
    sealed = SealedSignIn.objects.filter(user_id=user_id).first()
    if sealed is not None:
        return str(sealed.email)
    email = User.objects.values_list("email", flat=True).get(id=user_id)
    return "" if is_placeholder(email) else email


def opened_emails(emails: dict[UUID, str]) -> dict[UUID, str]:
    """The same people with real addresses for the placeholders; without those who have none any longer.

    No query where nobody of them is a patient.
    """
    hidden = {user_id for user_id, email in emails.items() if is_placeholder(email)}
    opened = {row.user_id: row.email for row in SealedSignIn.objects.filter(user_id__in=hidden)} if hidden else {}
    return {user_id: email for user_id, email in emails.items() if user_id not in hidden} | opened


def language_of(user_id: UUID) -> str:
    """The language that the patient chose for pages and mails, or "" for a colleague."""
    return SealedSignIn.objects.filter(user_id=user_id).values_list("language", flat=True).first() or ""
