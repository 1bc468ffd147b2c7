"""Every way to a person, against the stand-ins: once, again when it must be, never to the dead, and never lost."""

import json
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications import services
from apps.foundation.notifications.models import Notification, NotificationDelivery, PushDestination
from apps.foundation.notifications.rules import to_base64url
from apps.foundation.notifications.services import sending
from apps.foundation.notifications.types import Channel, PracticePolicy, Preferences, QuietHours
from apps.foundation.tenancy.ids import stored_id
from apps.foundation.tenancy.services import platform_scope

pytestmark = pytest.mark.django_db
FCM, APNS, WEB, EMAIL, BELL = Channel.FCM, Channel.APNS, Channel.WEB_PUSH, Channel.EMAIL, Channel.IN_APP
PUSHES = (FCM, APNS, WEB)


def run(after=timedelta(0)):
    """The worker looks, as much later as is said."""
    while services.send_due_notifications(now=timezone.now() + after):
        pass


def only(items):
    (one,) = items
    return one


def register_all(told):
    return {FCM: told.register(FCM), APNS: told.register(APNS), WEB: told.browser()}


def test_each_way_is_taken_by_its_strict_service_once(told):
    register_all(told)
    reference = told.tell()
    run()
    run(timedelta(hours=1))
    assert sorted(one["service"] for one in told.push.taken) == ["apns", "fcm", "web_push"]
    assert len(told.push.received) == 3
    assert [state for _c, state, _o in told.states()] == ["done"] * 4
    assert str(reference) not in json.dumps(told.push.received)
    assert mail.outbox == []


def test_what_leaves_is_a_type_an_action_and_a_random_id(told):
    register_all(told)
    told.tell()
    run()
    with told.practice.scope():
        notification = Notification.objects.get()
    codes = {"type": "critical_alert", "action": "open_alert", "id": str(notification.id)}
    by_service = {one["service"]: one["body"] for one in told.push.taken}
    assert by_service["fcm"]["message"]["data"] == codes
    assert {name: by_service["apns"][name] for name in codes} == codes
    assert {name: by_service["web_push"][name] for name in codes} == codes
    for row in told.rows(*PUSHES):
        assert row.payload and str(notification.id) in row.payload
        assert told.practice.email("nurse") not in row.payload


def test_a_busy_service_is_asked_again_when_it_said(told):
    told.register(FCM)
    busy = {"error": {"status": "UNAVAILABLE"}}
    told.push.answers("fcm", {"status": 503, "headers": {"retry-after": "240"}, "body": busy})
    told.tell()
    run()
    assert told.states(FCM) == [("fcm", "new", "UNAVAILABLE")]
    run(timedelta(seconds=200))
    assert len(told.push.received) == 1
    run(timedelta(seconds=250))
    assert told.states(FCM) == [("fcm", "done", "OK")]
    assert len(told.push.taken) == 1


@pytest.mark.parametrize(
    ("channel", "status", "code"),
    [
        (FCM, 404, "UNREGISTERED"),
        (FCM, 403, "SENDER_ID_MISMATCH"),
        (FCM, 400, "INVALID_ARGUMENT"),
        (APNS, 410, "Unregistered"),
        (APNS, 400, "BadDeviceToken"),
        (WEB, 410, "HTTP_410"),
        (WEB, 404, "HTTP_404"),
    ],
)
def test_a_dead_token_is_retired_and_the_critical_matter_goes_by_mail(told, channel, status, code):
    token = told.browser() if channel is WEB else told.register(channel)
    told.push.kill(token, status, code)
    told.tell()
    run()
    assert told.states(channel, EMAIL) == [(channel.value, "dead", code), ("email", "done", "OK")]
    with told.practice.scope():
        assert PushDestination.objects.get().retire_reason == code
    told.push.ask("reset")
    told.tell("new_message", urgency="normal")
    run()
    assert told.push.received == []


def test_a_token_that_was_registered_again_after_it_died_lives(told):
    token = told.register(APNS)
    before = int((timezone.now() - timedelta(days=1)).timestamp() * 1000)
    told.push.kill(token, 410, "Unregistered", timestamp=before)
    told.tell()
    run()
    with told.practice.scope():
        assert PushDestination.objects.get().retired_at is None


def test_a_fault_of_ours_keeps_the_token(told):
    told.register(FCM)
    ours = {"error": {"status": "INVALID_ARGUMENT", "details": [{"@type": "x/google.rpc.BadRequest"}]}}
    told.push.answers("fcm", {"status": 400, "body": ours})
    told.tell()
    run()
    assert told.states(FCM, EMAIL) == [("fcm", "dead", "INVALID_ARGUMENT"), ("email", "done", "OK")]
    with told.practice.scope():
        assert PushDestination.objects.get().retired_at is None


def test_a_refused_access_token_is_renewed(told):
    told.register(FCM)
    told.push.answers("fcm", {"status": 401, "body": {"error": {"status": "UNAUTHENTICATED"}}})
    told.tell()
    run()
    run(timedelta(minutes=1))
    assert told.states(FCM) == [("fcm", "done", "OK")]


def test_a_push_that_comes_too_late_becomes_a_mail(told):
    told.register(APNS)
    told.push.answers("apns", *[{"status": 503, "body": {"reason": "ServiceUnavailable"}}] * 3)
    told.tell()
    run()
    run(timedelta(minutes=16))
    run(timedelta(minutes=17))
    assert told.states(APNS, EMAIL) == [("apns", "expired", "ServiceUnavailable"), ("email", "done", "OK")]
    assert len(told.push.taken) == 0


def test_a_service_that_asks_for_longer_than_a_push_lives_is_not_waited_for(told):
    told.register(FCM)
    busy = {"error": {"status": "UNAVAILABLE"}}
    told.push.answers("fcm", {"status": 503, "headers": {"retry-after": "3600"}, "body": busy})
    told.tell()
    run()
    assert told.states(FCM, EMAIL) == [("fcm", "expired", "UNAVAILABLE"), ("email", "done", "OK")]


def test_however_often_it_was_tried_a_push_is_looked_at_when_its_time_is_over(told):
    told.register(FCM)
    told.push.answers("fcm", {"status": 503, "body": {"error": {"status": "UNAVAILABLE"}}})
    told.tell()
    services.make_due_deliveries()
    with platform_scope():
        NotificationDelivery._base_manager.filter(channel="fcm").update(attempts=12)
    run()
    (row,) = told.rows(FCM)
    assert row.state == "new" and row.not_before <= row.expires_at


def test_one_that_can_not_be_opened_holds_nobody_back(told):
    told.register(FCM)
    told.register(FCM, role="provider")
    with told.practice.scope():
        broken = PushDestination.objects.get(person_id=told.practice.people["nurse"])
        table = PushDestination._meta.db_table
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET token = %s WHERE id = %s", ["vx1.AAAA", stored_id(broken.id)])
    told.tell(role=None)
    run()
    assert [state for _c, state, _o in told.states(FCM, role="provider")] == ["done"]
    assert [state for _c, state, _o in told.states(FCM)] == ["new"]
    run(timedelta(minutes=16))
    assert [state for _c, state, _o in told.states(FCM, EMAIL)] == ["expired", "done"]


def test_a_channel_that_does_not_open_keeps_the_others_going(told, monkeypatch, settings):
    told.register(FCM)
    told.register(APNS)
    told.register(FCM, role="provider")
    account = settings.PUSH["FCM_ACCOUNT"] | {"private_key": "no key"}
    monkeypatch.setitem(settings.PUSH, "FCM_ACCOUNT", account)
    told.tell(role=None)
    services.make_due_deliveries()
    services.send_due_deliveries()
    assert [state for _c, state, _o in told.states(FCM, APNS)] == ["new", "done"]
    run(timedelta(minutes=16))
    assert [state for _c, state, _o in told.states(FCM, EMAIL, role="provider")] == ["expired", "done"]


def test_a_browser_with_a_key_that_is_none_is_forgotten_and_the_matter_goes_by_mail(told):
    wrong = told.push.ask("browser") | {"p256dh": to_base64url(b"\x04" + b"\x01" * 64)}
    with told.practice.scope():
        by = told.practice.actor("nurse")
        services.register_browser(subscription=wrong, vapid="", by=by, now=timezone.now())
    told.tell()
    run()
    assert told.states(WEB, EMAIL) == [("web_push", "dead", "WRONG_KEY"), ("email", "done", "OK")]


def test_no_mail_while_another_phone_was_reached(told):
    dead = told.register(FCM)
    told.register(APNS)
    told.push.kill(dead, 404, "UNREGISTERED")
    told.tell()
    run()
    assert told.states(EMAIL) == []


def test_the_last_of_two_failures_sends_one_mail(told):
    for channel, code, status in ((FCM, "UNREGISTERED", 404), (APNS, "Unregistered", 410)):
        told.push.kill(told.register(channel), status, code)
    told.tell()
    run()
    assert told.states(EMAIL) == [("email", "done", "OK")]
    assert len(mail.outbox) == 1


def test_a_mail_holds_fixed_words_and_a_way_to_sign_in(told):
    reference = told.tell()
    run()
    sent = only(mail.outbox)
    with told.practice.scope():
        notification = Notification.objects.get()
    assert sent.to == [told.practice.email("nurse")]
    assert sent.subject == "Vantrexia: Critical alert"
    assert sent.body == (
        f"Sign in to Vantrexia to see it and answer.\n\nhttps://rpm.example.org/notifications/{notification.id}/open/"
    )
    assert str(reference) not in str(sent.message())


def test_a_mail_server_that_is_down_is_tried_again(told, monkeypatch):
    def refuse(self):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refuse)
        told.tell()
        run()
    assert told.states(EMAIL) == [("email", "new", "ConnectionRefusedError")]
    run(timedelta(hours=1))
    assert told.states(EMAIL) == [("email", "done", "OK")]


def test_a_mail_server_may_be_down_for_a_night(told, monkeypatch):
    def refuse(self):
        raise TimeoutError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    told.tell()
    services.make_due_deliveries()
    with platform_scope():
        NotificationDelivery._base_manager.filter(channel="email").update(attempts=40)
    services.send_due_deliveries()
    assert told.states(EMAIL) == [("email", "new", "TimeoutError")]


def test_an_address_that_is_none_is_not_tried_again(told, monkeypatch):
    def refuse(self):
        raise SMTPRecipientsRefused({"x@example.org": (550, b"5.1.1 x@example.org unknown")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    told.tell()
    run()
    assert told.states(EMAIL) == [("email", "dead", "SMTPRecipientsRefused")]


def test_a_crash_between_sending_and_saying_so_repeats_in_the_same_place(told, monkeypatch):
    register_all(told)
    told.tell()
    with monkeypatch.context() as crash:
        crash.setattr(sending, "_settle", lambda *given: None)
        services.send_due_notifications()
    run()
    assert len(told.push.taken) == 3, "the lease holds"
    run(timedelta(seconds=sending.LEASE_SECONDS + 5))
    taken = told.push.taken
    assert len(taken) == 6
    same = {one["headers"]["apns-collapse-id"] for one in taken if one["service"] == "apns"}
    tags = {one["body"]["message"]["android"]["notification"]["tag"] for one in taken if one["service"] == "fcm"}
    topics = {one["headers"]["topic"] for one in taken if one["service"] == "web_push"}
    assert [len(one) for one in (same, tags, topics)] == [1, 1, 1]
    assert {str(UUID(only(topics)))} == same == tags
    run(timedelta(hours=1))
    assert len(told.push.received) == 6


def test_making_deliveries_twice_makes_them_once(told):
    told.register(FCM)
    told.tell()
    services.make_due_deliveries()
    with platform_scope():
        Notification._base_manager.update(state="new")
    services.make_due_deliveries()
    assert len(told.rows()) == 2


def test_an_urgent_matter_does_not_wait_behind_a_crowd(told):
    for _ in range(5):
        told.tell("hand_over", role="provider", urgency="normal")
    told.tell()
    services.make_due_deliveries(limit=2)
    assert [row.channel for row in told.rows()] == ["in_app", "email"]


def test_one_that_cannot_be_made_holds_nobody_back_and_is_not_given_up(told, monkeypatch):
    told.tell("trial", urgency="normal")
    told.tell()
    from apps.foundation.notifications.services import outbox

    kind_of = outbox.kind_of

    def breaks(code):
        if code == "trial":
            raise RuntimeError
        return kind_of(code)

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "kind_of", breaks)
        for hours in range(8):
            services.make_due_deliveries(now=timezone.now() + timedelta(hours=2 * hours))
    assert [row.channel for row in told.rows()] == ["in_app", "email"]
    with told.practice.scope():
        assert sorted(Notification.objects.values_list("state", flat=True)) == ["done", "new"]


def test_without_a_name_it_is_for_those_who_may_act(told):
    told.tell("cosign_request", role=None, urgency="normal")
    run()
    assert {role for role in told.practice.people if told.rows(BELL, role=role)} == {"clinical_manager", "provider"}


def test_the_other_practice_hears_nothing(told, cast):
    told.tell(role=None)
    run()
    with cast.lakeside.scope():
        assert NotificationDelivery.objects.count() == 0


def test_a_personal_kind_names_somebody(told):
    with pytest.raises(ValueError, match="names somebody"):
        told.tell("message_to_member", role=None)


def test_who_left_gets_nothing_and_who_watches_is_told_instead(told):
    from apps.authentication.services.people import deactivate_member

    token = told.register(FCM)
    told.tell()
    services.make_due_deliveries()
    with told.practice.scope():
        deactivate_member(user_id=told.practice.people["nurse"], by=told.practice.actor("admin"))
    run()
    assert told.states(FCM) == [("fcm", "withdrawn", "GONE")]
    assert token not in json.dumps(told.push.received)
    assert len(told.rows(BELL, role="provider")) == 1, "it was on its way to somebody who left"
    told.tell()
    run()
    assert len(told.rows(BELL)) == 1 and len(told.rows(BELL, role="provider")) == 2


def test_quiet_hours_hold_a_message_and_not_a_critical_alert(told):
    told.register(FCM)
    now = timezone.now()
    quiet = QuietHours((now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time())
    with told.practice.scope():
        chosen = Preferences(quiet=quiet, time_zone="UTC", urgent_breaks_quiet=False)
        services.change_preferences(preferences=chosen, by=told.practice.actor("nurse"))
    told.tell("new_message", urgency="normal")
    told.tell()
    run()
    assert [state for _c, state, _o in told.states(FCM)] == ["held", "done"]
    run(timedelta(minutes=61))
    assert [state for _c, state, _o in told.states(FCM)] == ["done", "done"]


def test_a_practice_may_let_people_be_silent(told):
    told.register(FCM)
    with told.practice.scope():
        policy = PracticePolicy({}, critical_always_pushed=False)
        services.change_policy(policy=policy, by=told.practice.actor("admin"))
        from apps.foundation.notifications.types import Group

        chosen = Preferences({Group.CRITICAL: frozenset()})
        services.change_preferences(preferences=chosen, by=told.practice.actor("nurse"))
    told.tell()
    run()
    assert [row.channel for row in told.rows()] == ["in_app"]


def test_a_phone_that_was_handed_on_belongs_to_whoever_registered_it_last(told, cast):
    token = told.register(FCM)
    told.register(FCM, role="provider", token=token)
    told.tell()
    run()
    assert told.states(FCM) == []
    other = cast.lakeside
    with other.scope():
        services.register_app(channel=FCM, token=token, by=other.actor("nurse"), now=timezone.now())
    with told.practice.scope():
        assert set(PushDestination.objects.values_list("retire_reason", flat=True)) == {"TAKEN_OVER"}


def test_registering_again_keeps_one_and_the_token_is_sealed(told):
    token = told.register(FCM)
    told.register(FCM, token=token)
    assert AuditLog.objects.filter(action="notification.destination_add").count() == 1
    with platform_scope():
        row = PushDestination._base_manager.get()
        stored = PushDestination._base_manager.values_list("token", flat=True).get()
    assert row.retired_at is None
    assert token not in stored.token


def test_what_was_not_seen_for_long_is_forgotten(told):
    told.register(FCM)
    assert services.retire_forgotten(now=timezone.now() + timedelta(days=59)) == 0
    assert services.retire_forgotten(now=timezone.now() + timedelta(days=61)) == 1


def test_production_without_credentials_sends_nothing_and_says_so(told, monkeypatch, settings):
    told.register(FCM)
    monkeypatch.setitem(settings.PUSH, "FCM_ACCOUNT", {})
    settings.PRODUCTION = True
    told.tell()
    run()
    assert told.states(FCM, EMAIL) == [("fcm", "dead", "NOT_CONFIGURED"), ("email", "done", "OK")]


def test_on_a_developers_machine_the_log_has_a_line(told, monkeypatch, settings, caplog):
    told.register(APNS)
    monkeypatch.setitem(settings.PUSH, "APNS_KEY", "")
    told.tell()
    run()
    assert told.states(APNS) == [("apns", "done", "CONSOLE")]


def test_a_service_that_does_not_answer_is_tried_again(told, monkeypatch, settings):
    for channel in PUSHES:
        if channel is not WEB:
            told.register(channel)
    for name in ("FCM_URL", "APNS_URL"):
        monkeypatch.setitem(settings.PUSH, name, "http://127.0.0.1:9")
    told.tell()
    run()
    assert [outcome for _c, _s, outcome in told.states(FCM, APNS)] == ["UNREACHABLE", "UNREACHABLE"]


def test_nothing_to_do_costs_little(told, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        assert services.send_due_notifications() == 0


def test_a_batch_asks_as_often_whoever_many_there_are(told, django_assert_max_num_queries):
    """On SQLite an insert takes so many values; the reads are the same for one and for a hundred."""
    for _ in range(30):
        told.tell(role=None)
    with django_assert_max_num_queries(30):
        assert services.make_due_deliveries() == 30


def test_a_patient_reads_that_there_is_a_message_and_nothing_more(told):
    told.tell("message_to_member", role="patient", urgency="normal")
    run()
    sent = only(mail.outbox)
    notification = only(told.rows(EMAIL, role="patient")).notification_id
    assert sent.subject == "Vantrexia: You have a message"
    assert sent.body == (
        f"Sign in to Vantrexia to read it.\n\nhttps://rpm.example.org/notifications/{notification}/open/"
    )
