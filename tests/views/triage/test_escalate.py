"""Escalating from the row: whom, how urgently, why; and what the one who is asked finds."""

from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.authentication.types import Role
from apps.core.triage.models import Alert
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import Notification
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, reading, send

HTMX = {"HX-Request": "true"}


@pytest.fixture
def critical(cast: Cast) -> UUID:
    """Sam Okafor, 184/122, assigned to the provider."""
    return _measured(cast, lambda now: pressure(now, 184, 122))


@pytest.fixture
def warning(cast: Cast) -> UUID:
    """Sam Okafor with a glucose of 262."""
    from apps.core.observations.types import ReadingKind

    return _measured(cast, lambda now: reading(ReadingKind.GLUCOSE, now, 262))


def _measured(cast: Cast, make) -> UUID:
    provider = cast.highland.people["provider"]
    patient_id = enrol_patient(
        cast.highland, first_name="Sam", last_name="Okafor", assigned_provider_id=provider, mrn="MRN-00042"
    )
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [make(now)], now)
    return patient_id


def alert_of(patient_id: UUID) -> Alert:
    return Alert._base_manager.get(patient_id=patient_id)


def address(patient_id: UUID) -> str:
    return reverse("triage:escalate", args=[patient_id, alert_of(patient_id).id])


def test_the_dialog_offers_colleagues_and_the_assigned_provider_first(cast, warning):
    page = cast.highland.client("nurse").get(address(warning), headers=HTMX | {"HX-Target": "dialog"}).content.decode()
    provider = cast.highland.people["provider"]
    assert f'<option value="{provider}" selected>' in page
    assert str(cast.highland.people["nurse"]) not in page, "nobody escalates to themselves"
    assert str(cast.highland.people["patient"]) not in page
    assert "OKAFOR, SAM" in page
    assert 'name="urgency"' in page


def test_a_critical_alert_asks_not_how_urgent(cast, critical):
    assert 'name="urgency"' not in cast.highland.client("nurse").get(address(critical)).content.decode()


@pytest.mark.parametrize(("urgency", "told_as"), [("normal", "normal"), ("urgent", "high")])
def test_the_person_is_told_as_urgently_as_was_said(cast, warning, urgency, told_as):
    to = cast.highland.people["provider"]
    entered = {"to_id": to, "urgency": urgency, "reason": "needs a prescription"}
    answer = cast.highland.client("ma").post(address(warning), entered, headers=HTMX)
    assert answer.headers["HX-Trigger"] == "close-dialog"
    row = answer.content.decode()
    assert (
        "escalated to Provider of Highland Primary Care by Ma of Highland Primary Care: “needs a prescription”" in row
    )
    told = Notification._base_manager.get(recipient_id=to, kind="escalated_alert")
    assert (told.urgency, told.reference) == (told_as, alert_of(warning).id)
    assert AuditLog.objects.filter(action="alert.escalate", actor_id=cast.highland.people["ma"]).count() == 1
    seen = cast.highland.client("provider").get("/triage/").content.decode()
    assert "escalated to you by Ma of Highland Primary Care: “needs a prescription”" in seen


def test_what_is_missing_is_named_and_what_was_typed_is_kept(cast, warning):
    nurse = cast.highland.client("nurse")
    answer = nurse.post(address(warning), {"to_id": str(uuid4()), "urgency": "urgent", "reason": "<b>x"}, headers=HTMX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "&lt;b&gt;x" in page
    assert 'id="id_to_id_error"' in page or "aria-invalid" in page
    assert nurse.post(address(warning), {"to_id": cast.highland.people["provider"]}).status_code == 422
    assert alert_of(warning).escalated_to is None


def test_without_javascript_one_comes_back_to_the_board(cast, critical):
    entered = {"to_id": cast.highland.people["clinical_manager"], "reason": "please look"}
    answer = cast.highland.client("nurse").post(address(critical), entered, follow=True)
    assert answer.redirect_chain == [("/triage/", 302)]
    assert "Escalated." in answer.content.decode()


def test_another_practice_finds_nothing_and_a_patient_is_refused(cast, critical):
    where = address(critical)
    for method in ("get", "post"):
        assert getattr(cast.lakeside.client("provider"), method)(where).status_code == 404
        assert getattr(cast.highland.client(Role.PATIENT.value), method)(where).status_code == 403


def test_unable_to_reach_needs_a_number_of_tries_and_keeps_it(cast, critical):
    where = reverse("triage:resolve", args=[critical, alert_of(critical).id])
    nurse = cast.highland.client("nurse")
    filled = nurse.get(where, {"code": "unable_to_reach", "tries": "3"}).content.decode()
    assert 'value="3"' in filled
    missing = nurse.post(where, {"code": "unable_to_reach", "seen": "9"})
    assert missing.status_code == 422
    assert "Say how often you tried." in missing.content.decode()
    nurse.post(where, {"code": "unable_to_reach", "tries": "3", "seen": "9"})
    assert alert_of(critical).facts["tries"] == 3
    shown = nurse.get(reverse("triage:alerts", args=[critical])).content.decode()
    assert "Unable to reach (3 tries)" in shown


def test_expected_offers_other_limits_to_whoever_may_change_them(cast, critical):
    where, alert = reverse("triage:resolve", args=[critical, alert_of(critical).id]), alert_of(critical)
    entered = {"code": "expected", "seen": "9"}
    answer = cast.highland.client("provider").post(where, entered, headers=HTMX)
    assert f"?from={alert.id}" in answer.content.decode()


def test_expected_offers_nothing_to_a_nurse(cast, critical):
    where = reverse("triage:resolve", args=[critical, alert_of(critical).id])
    answer = cast.highland.client("nurse").post(where, {"code": "expected", "seen": "9"}, headers=HTMX)
    assert "?from=" not in answer.content.decode()
    assert alert_of(critical).resolution_code == "expected"
