"""Patients sign in, reset and are locked out by the same doors as everybody, with an address that stands sealed."""

import re
from urllib.parse import quote
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from apps.authentication.models import User
from apps.authentication.services import register_user
from apps.authentication.services import second_factor as services
from apps.authentication.types import EmailTaken, Role
from apps.core.patients.models import PortalAccess
from apps.foundation.audit.models import AuditLog
from tests.cast import PASSWORD, Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.portal import open_account
from tests.told import told

pytestmark = pytest.mark.django_db
EMAIL = "jane@home.example"
NEW = "Another-sound-password-9"


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def jane(practice: CastPractice) -> UUID:
    return open_account(practice, enrol_patient(practice, first_name="Jane", last_name="Doe"), email=EMAIL)


def sign_in(email: str, password: str = PASSWORD) -> int:
    return Client().post("/account/login/", {"login": email, "password": password}).status_code


def test_the_placeholder_is_no_name_to_sign_in_with(jane: UUID) -> None:
    assert sign_in(User.objects.get(id=jane).email) == 422
    assert sign_in(EMAIL) == 302


def test_five_failures_lock_the_account_whatever_is_typed_around_the_name(jane: UUID) -> None:
    for name in (EMAIL, EMAIL.upper(), f" {EMAIL}", EMAIL, EMAIL):
        sign_in(name, "wrong")
    assert sign_in(EMAIL) == 429


def test_an_administrator_lets_a_locked_patient_try_again(practice: CastPractice, jane: UUID) -> None:
    with practice.scope():
        patient_id = PortalAccess.objects.get(user_id=jane).patient_id
    page = f"/patients/{patient_id}/portal/"
    admin, nurse = practice.client("admin"), practice.client("nurse")
    assert "Too many wrong passwords" not in nurse.get(page).content.decode()
    for _ in range(5):
        sign_in(EMAIL, "wrong")
    assert sign_in(EMAIL) == 429
    seen = nurse.get(page).content.decode()
    assert "Too many wrong passwords" in seen and "Let them try again" not in seen
    assert nurse.post(f"{page}unlock/").status_code == 403
    assert sign_in(EMAIL) == 429
    assert "Let them try again" in admin.get(page).content.decode()
    assert admin.post(f"{page}unlock/").status_code == 302
    assert sign_in(EMAIL) == 302
    with practice.scope():
        assert AuditLog.objects.get(action="portal.unlock").subject_id == patient_id
        assert AuditLog.objects.get(action="auth.lockout_cleared").subject_id == jane


def test_nobody_is_unlocked_who_has_no_account(practice: CastPractice) -> None:
    patient_id = enrol_patient(practice)
    assert practice.client("admin").post(f"/patients/{patient_id}/portal/unlock/").status_code == 404


def test_a_forgotten_password_is_set_anew_by_mail(jane: UUID) -> None:
    client = Client()
    assert client.post("/account/password/reset/", {"email": EMAIL}).status_code == 302
    (sent,) = mail.outbox
    assert sent.to == [EMAIL] and "Jane" not in told(str(sent.body)) and "patient.invalid" not in str(sent.body)
    found = re.search(r"http://[^/\s]+(/\S+)", str(sent.body))
    assert found is not None
    page = client.get(found.group(1), follow=True)
    where = page.redirect_chain[-1][0]
    assert client.post(where, {"password1": NEW, "password2": NEW}).status_code == 302
    assert sign_in(EMAIL, NEW) == 302 and sign_in(EMAIL) == 422


def test_nobody_gets_mail_for_a_placeholder_or_an_unknown_address(jane: UUID) -> None:
    for email in (User.objects.get(id=jane).email, "nobody@home.example"):
        assert Client().post("/account/password/reset/", {"email": email}).status_code == 302
    assert not mail.outbox


def test_the_mail_is_in_the_language_of_the_account(practice: CastPractice) -> None:
    open_account(practice, enrol_patient(practice), email="ana@home.example", language="es")
    Client().post("/account/password/reset/", {"email": "ana@home.example"})
    assert mail.outbox


def test_the_api_is_not_for_patients(jane: UUID) -> None:
    answer = Client().post(
        "/api/v1/auth/login/", {"email": EMAIL, "password": PASSWORD}, content_type="application/json"
    )
    assert answer.status_code == 403 and "access" not in answer.json()


def test_no_colleague_is_registered_with_a_patients_address(practice: CastPractice, jane: UUID) -> None:
    with pytest.raises(EmailTaken):
        register_user(
            email=EMAIL, full_name="X Y", password=PASSWORD, practice_id=practice.id, role=Role.MA, by=practice.system
        )


def test_the_own_password_is_changed_with_the_same_counters(jane: UUID) -> None:
    client = Client()
    client.post("/account/login/", {"login": EMAIL, "password": PASSWORD})
    for _ in range(5):
        client.post("/account/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert sign_in(EMAIL) == 429


def test_the_app_for_the_second_step_names_the_address_and_no_placeholder(jane: UUID) -> None:
    began = services.begin_enrolment(user_id=jane)
    assert quote(EMAIL) in began.address and "patient.invalid" not in began.address
