"""A patient's e-mail stands nowhere in clear, whatever they do with it."""

import logging
import re
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.core.patients import services as patients
from apps.foundation.audit import services as audit
from apps.foundation.notifications import services as notifications
from apps.foundation.tenancy.services import platform_scope
from tests.cast import PASSWORD, Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.portal import open_account

pytestmark = pytest.mark.django_db
NAME, NEW = "zq7canary", "Another-sound-password-9"
EMAIL = f"{NAME}@home.example"


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


def stored() -> dict[str, str]:
    """Every table, as whoever steals the database reads it. Cache and sessions are among them."""
    found = {}
    with platform_scope(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = repr(cursor.fetchall()).casefold()
    return found


def uses_everything(practice: CastPractice, patient_id: UUID) -> None:
    """Sign in wrong and right, ask for a new password and set it, get a mail, lose the access."""
    user_id = open_account(practice, patient_id, email=EMAIL)
    client = Client()
    for password in ("wrong", PASSWORD):
        client.post("/account/login/", {"login": EMAIL.upper(), "password": password})
    assert client.get("/portal/account/").status_code == 200
    guest = Client()
    guest.post("/account/password/reset/", {"email": EMAIL})
    link = re.search(r"http://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert link is not None
    where = guest.get(link.group(1), follow=True).redirect_chain[-1][0]
    assert guest.post(where, {"password1": NEW, "password2": NEW}).status_code == 302
    with practice.scope(), audit.batch("test", by=practice.system):
        notifications.queue_notification(kind="message_to_member", reference=patient_id, recipient_id=user_id)
    while notifications.send_due_notifications():
        pass


def test_no_table_and_no_line_of_the_log_holds_it(
    practice: CastPractice, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    jane = enrol_patient(practice, first_name="Jane", last_name="Doe")
    uses_everything(practice, jane)
    assert {EMAIL} == {address for sent in mail.outbox for address in sent.to}, "and it was used"
    assert [table for table, text in stored().items() if NAME in text] == []
    with practice.scope():
        patients.end_portal_access(patient_id=jane, reason="moved", by=practice.actor("admin"), now=timezone.now())
    assert [table for table, text in stored().items() if NAME in text] == []
    assert NAME not in (caplog.text + capsys.readouterr().err).casefold()
