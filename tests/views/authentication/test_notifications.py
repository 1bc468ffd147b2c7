"""The bell, the pages on which people say how they want to be told, the log of deliveries, and phones by program."""

import json
from uuid import uuid4

import pytest

from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications import services
from apps.foundation.notifications.models import NotificationPreference, PushDestination
from apps.foundation.notifications.selectors import count_unseen, preferences_of
from apps.foundation.notifications.types import Group, Means
from tests.cast import CastPractice

pytestmark = pytest.mark.django_db
FCM_TOKEN = "fcm:" + "x" * 60


@pytest.fixture
def practice(cast) -> CastPractice:
    return cast.highland


def tell(practice, kind="cosign_request", role="provider", reference=None):
    """Something waits in the bell of the person, or of everybody who may act on it."""
    with practice.scope(), audit.batch("test", by=practice.system):
        named = practice.people[role] if role else None
        services.queue_notification(kind=kind, reference=reference or uuid4(), recipient_id=named)
    services.make_due_deliveries()


def unseen(practice, role="provider"):
    with practice.scope():
        return count_unseen(by=practice.actor(role))


def notice_id(practice, role="provider"):
    from apps.foundation.notifications.selectors import bell_page

    with practice.scope():
        return bell_page(by=practice.actor(role), page=1, page_size=1).rows[0].id


# the bell


def test_the_bell_counts_and_keeps_quiet_while_nothing_changes(practice, django_assert_max_num_queries):
    client = practice.client("provider")
    assert client.get("/notifications/bell/?shown=0").status_code == 204
    tell(practice)
    answer = client.get("/notifications/bell/?shown=0")
    assert b'aria-hidden="true">1</span>' in answer.content and b"1 new notification" in answer.content
    with django_assert_max_num_queries(6):
        assert client.get("/notifications/bell/?shown=1").status_code == 204


def test_the_panel_and_the_page_show_ones_own_only(practice):
    tell(practice)
    for address in ("/notifications/newest/", "/notifications/"):
        assert b"A note waits for your signature" in practice.client("provider").get(address).content
        assert b"A note waits for your signature" not in practice.client("nurse").get(address).content


def test_following_one_leads_to_its_place_and_marks_it_seen(practice):
    tell(practice)
    answer = practice.client("provider").get(f"/notifications/{notice_id(practice)}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/patients/notes/to-cosign/")
    assert unseen(practice) == 0


def test_a_place_that_takes_the_reference_gets_it(practice):
    reference = uuid4()
    tell(practice, "warning_alert", reference=reference)
    answer = practice.client("provider").get(f"/notifications/{notice_id(practice)}/open/")
    assert answer["Location"] == f"/triage/alerts/{reference}/"


def test_anothers_is_not_found_in_the_same_practice_and_in_another(practice, cast):
    tell(practice)
    found = notice_id(practice)
    assert practice.client("nurse").get(f"/notifications/{found}/open/").status_code == 404
    assert cast.lakeside.client("provider").get(f"/notifications/{found}/open/").status_code == 404
    assert unseen(practice) == 1


def test_all_are_seen_at_once_and_only_ones_own(practice):
    tell(practice, "hand_over", role=None)
    practice.client("provider").post("/notifications/seen/")
    assert (unseen(practice), unseen(practice, "nurse")) == (0, 1)


def test_long_bells_are_paged_with_as_many_queries(practice, django_assert_max_num_queries):
    for _ in range(35):
        tell(practice)
    client = practice.client("provider")
    client.get("/notifications/")
    with django_assert_max_num_queries(8):
        page = client.get("/notifications/?page=2").content.decode()
    assert page.count("notice-line") == 5


# how somebody is told


def grid(**chosen):
    return {"critical": ["push"], "warnings": [], "messages": ["push"], "tasks": [], "oversight": ["email"]} | chosen


def test_a_choice_is_kept_and_audited_and_what_agrees_with_the_practice_follows_it(practice):
    client = practice.client("nurse")
    given = grid(tasks=["email"], quiet_from="22:00", quiet_until="06:30", urgent_breaks_quiet="on")
    assert client.post("/account/notifications/", given).status_code == 302
    with practice.scope():
        held = preferences_of(practice.people["nurse"])
    assert dict(held.means) == {Group.TASKS: frozenset({Means.EMAIL})}
    assert (held.quiet.starts.hour, held.quiet.ends.minute) == (22, 30)
    row = AuditLog.objects.get(action="notification.preferences_change")
    assert row.subject_id == row.actor_id == practice.people["nurse"]


def test_half_of_quiet_hours_names_the_other_field_and_keeps_what_was_typed(practice):
    answer = practice.client("nurse").post("/account/notifications/", grid(quiet_from="22:00", tasks=["push"]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Quiet hours need a beginning and an end" in page and 'value="22:00"' in page
    with practice.scope():
        assert not NotificationPreference.objects.exists()


@pytest.mark.parametrize("field", ["critical", "time_zone"])
def test_what_was_not_offered_is_refused(practice, field):
    answer = practice.client("nurse").post("/account/notifications/", grid(**{field: ["carrier pigeon"]}))
    assert answer.status_code == 422


def test_a_browser_is_registered_only_at_a_push_service(practice):
    import base64

    keys = {
        "p256dh": base64.urlsafe_b64encode(b"\x04" + bytes(64)).rstrip(b"=").decode(),
        "auth": "A" * 22,
        "vapid": "x",
    }
    client = practice.client("nurse")
    evil = client.post("/account/notifications/browsers/", keys | {"endpoint": "http://169.254.169.254/latest/"})
    assert evil.status_code == 422
    right = {"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/abc"}
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"}
    assert client.post("/account/notifications/browsers/", keys | right, headers=agent).status_code == 204
    page = client.get("/account/notifications/").content.decode()
    assert "Firefox · Windows" in page and "mozilla.com" not in page


def test_one_removes_ones_own_only(practice):
    nurse = practice.client("nurse")
    body = {"platform": "fcm", "token": FCM_TOKEN}
    made = nurse.post("/api/v1/notifications/devices/", body, "application/json").json()["id"]
    assert practice.client("provider").post(f"/account/notifications/{made}/remove/").status_code == 404
    assert nurse.post(f"/account/notifications/{made}/remove/").status_code == 302
    assert nurse.post(f"/account/notifications/{made}/remove/").status_code == 404
    assert AuditLog.objects.filter(action="notification.destination_remove").count() == 1


def test_a_trial_reaches_whoever_asked_for_it(practice):
    practice.client("nurse").post("/account/notifications/trial/")
    services.make_due_deliveries()
    assert (unseen(practice, "nurse"), unseen(practice)) == (1, 0)


def test_the_worker_of_the_browser_comes_to_everybody_as_a_script(client):
    answer = client.get("/sw.js")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript")
    assert b"showNotification" in answer.content and b"importScripts" not in answer.content


# the practice


def test_the_practice_chooses_for_those_who_did_not(practice):
    given = grid(warnings=["email"])
    assert practice.client("clinical_manager").get("/settings/notifications/").status_code == 403
    assert practice.client("admin").post("/settings/notifications/", given).status_code == 302
    page = practice.client("nurse").get("/account/notifications/").content.decode()
    assert 'name="warnings" value="email" id="id_warnings_1" checked' in page
    assert AuditLog.objects.filter(action="notification.policy_change").count() == 1
    practice.client("admin").post("/settings/notifications/", given)
    assert AuditLog.objects.filter(action="notification.policy_change").count() == 1, "nothing was changed"


def test_the_log_shows_what_left_and_nothing_else(practice, django_assert_max_num_queries):
    reference = uuid4()
    for _ in range(20):
        tell(practice, "hand_over", role=None, reference=reference)
    client = practice.client("clinical_manager")
    client.get("/settings/notifications/log/")
    with django_assert_max_num_queries(8):
        page = client.get("/settings/notifications/log/").content.decode()
    assert "&quot;type&quot;:&quot;hand_over&quot;,&quot;action&quot;:&quot;open_queue&quot;" in page
    assert str(reference) not in page
    assert practice.client("nurse").get("/settings/notifications/log/").status_code == 403


def test_the_log_is_filtered_and_shows_the_own_practice_only(practice, cast):
    tell(practice)
    client = practice.client("admin")
    shown = "<strong>Nothing matches</strong>"
    provider = practice.people["provider"]
    assert shown not in client.get(f"/settings/notifications/log/?person={provider}&channel=in_app").content.decode()
    assert shown in client.get("/settings/notifications/log/?state=dead").content.decode()
    assert shown in cast.lakeside.client("admin").get("/settings/notifications/log/").content.decode()


# phones by program


def test_an_app_registers_lists_and_takes_itself_back(practice):
    client = practice.client("nurse")
    body = {"platform": "apns", "token": "ab" * 32, "label": "Phone", "environment": "sandbox"}
    answer = client.post("/api/v1/notifications/devices/", body, "application/json")
    assert answer.status_code == 201
    assert "token" not in answer.json()
    again = client.post("/api/v1/notifications/devices/", body, "application/json").json()
    assert again["id"] == answer.json()["id"]
    listed = client.get("/api/v1/notifications/devices/").json()["results"]
    assert [(one["platform"], one["label"]) for one in listed] == [("apns", "Phone")]
    assert practice.client("provider").get("/api/v1/notifications/devices/").json()["results"] == []
    where = f"/api/v1/notifications/devices/{again['id']}/"
    assert practice.client("provider").delete(where).status_code == 404
    assert client.delete(where).status_code == 204
    with practice.scope():
        assert PushDestination.objects.get().uses_sandbox is True


@pytest.mark.parametrize(
    "wrong",
    [{"platform": "web_push"}, {"token": "short"}, {"token": "a b" * 20}, {"environment": "x"}, {"person_id": "x"}],
)
def test_a_wrong_registration_names_the_field(practice, wrong):
    body = {"platform": "fcm", "token": FCM_TOKEN} | wrong
    answer = practice.client("nurse").post("/api/v1/notifications/devices/", json.dumps(body), "application/json")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(wrong)
    assert all(str(value) not in answer.content.decode() for value in wrong.values() if len(str(value)) > 4)


def test_a_patient_has_no_bell_of_the_team(practice):
    client = practice.client("patient")
    for address in ("/notifications/", "/notifications/bell/", "/account/notifications/"):
        assert client.get(address).status_code == 403
