"""What may be said, to whom, by which way and when, and what an answer means."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.authentication.types import Permission
from apps.foundation.notifications import rules
from apps.foundation.notifications.channels.sealing import seal_for_browser
from apps.foundation.notifications.rules import Verdict, from_base64url, to_base64url
from apps.foundation.notifications.rules.planning import PUSH_LIVES, URGENT_PUSH_LIVES
from apps.foundation.notifications.selectors.wording import BODIES, TITLES, all_words
from apps.foundation.notifications.services import compose
from apps.foundation.notifications.types import (
    Channel,
    Group,
    Means,
    OutgoingNotification,
    PracticePolicy,
    Preferences,
    QuietHours,
    Recipient,
    Urgency,
    WrongDestination,
)

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
ZONE = "America/Chicago"  # noon
NURSE = Recipient(uuid4(), "nurse", "en", frozenset({"alert.acknowledge", "triage.read"}))
ADMIN = Recipient(uuid4(), "admin", "en", frozenset({"alert.acknowledge", "notification.log"}))
PHONE = (uuid4(), Channel.FCM)
HIGH, NORMAL = Urgency.HIGH, Urgency.NORMAL


def planned(kind="critical_alert", urgency=HIGH, person=NURSE, places=(PHONE,), **more):
    given = {"chosen": Preferences(), "policy": PracticePolicy(), "practice_zone": ZONE, "now": NOW} | more
    return rules.plan(rules.kind_of(kind), urgency, person, destinations=places, **given)


def ways(*args, **more):
    return [one.channel.value for one in planned(*args, **more)]


# the catalogue


def test_every_kind_has_words_a_known_permission_and_a_place_that_it_leads_to():
    known = {permission.value for permission in Permission}
    assert set(TITLES) == rules.KINDS == set(settings.NOTIFICATION_DESTINATIONS)
    assert set(BODIES) == rules.ACTIONS
    assert {kind.permission for kind in rules.CATALOGUE.values()} <= known
    assert not (rules.KINDS | rules.ACTIONS) & {""}


@given(st.text(max_size=60))
def test_free_text_is_no_kind(text):
    if text not in rules.KINDS:
        with pytest.raises(ValueError, match="catalogue"):
            rules.check_kind(text)


# the sanitiser

HOSTILE = st.one_of(st.text(max_size=80), st.sampled_from(["BP of Jane is 184/122", "MRN-00042", "078-05-1120"]))
ALLOWED_CODES = frozenset(
    {"HIGH", "NORMAL", "default", "alert", "active", "time-sensitive", "10", "5"} | rules.KINDS | rules.ACTIONS
)


def texts_of(value):
    """Every text in a payload, the names of its fields left out: they are written in the code."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts_of(inner)]
    return [text for inner in value for text in texts_of(inner)] if isinstance(value, list | tuple) else [value]


def payloads_of(message, expires_at):
    yield rules.web_push_payload(message)
    yield rules.fcm_payload(message, expires_at=expires_at, now=NOW)
    yield rules.apns_payload(message)
    yield rules.apns_headers(message, expires_at=expires_at)


@given(
    kind=st.one_of(st.sampled_from(sorted(rules.KINDS)), HOSTILE),
    notification_id=st.one_of(st.uuids(), HOSTILE),
    reference=st.one_of(st.uuids(), HOSTILE),
    recipient=st.one_of(st.uuids(), HOSTILE),
    language=st.sampled_from(["en", "es"]),
    urgent=st.booleans(),
)
def test_whatever_comes_in_only_the_catalogue_leaves(kind, notification_id, reference, recipient, language, urgent):
    outgoing = OutgoingNotification(notification_id, kind, reference, recipient, HIGH if urgent else NORMAL)
    if kind not in rules.KINDS or not isinstance(notification_id, UUID):
        with pytest.raises(ValueError, match=r"catalogue|ours"):
            compose(outgoing, language=language)
        return
    expires_at = NOW + timedelta(minutes=15)
    numbers = {str(int(expires_at.timestamp())), "900s"}
    allowed = ALLOWED_CODES | all_words() | numbers | {str(notification_id)}
    for payload in payloads_of(compose(outgoing, language=language), expires_at):
        assert set(texts_of(payload)) <= allowed
        assert str(reference) not in texts_of(payload) or reference == notification_id


@given(title=HOSTILE, body=HOSTILE, kind=HOSTILE)
def test_a_message_made_by_hand_does_not_pass(title, body, kind):
    from apps.foundation.notifications.types import Message

    right = compose(OutgoingNotification(uuid4(), "trial", uuid4(), None, NORMAL), language="en")
    for wrong in ({"title": title}, {"body": body}, {"type": kind}, {"id": kind}, {"action": kind}):
        made = Message(**({name: getattr(right, name) for name in right.__slots__} | wrong))
        if made == right or set(wrong.values()) & (all_words() | rules.KINDS | rules.ACTIONS):
            continue
        with pytest.raises(ValueError):
            rules.check_message(made, all_words())


def test_words_follow_the_language_and_are_none_of_the_readers():
    with translation.override("es"):
        told = compose(OutgoingNotification(uuid4(), "critical_alert", uuid4(), None, HIGH), language="en")
    assert told.title == "Critical alert"


def test_no_word_of_the_catalogue_holds_a_number_or_a_name():
    assert not [text for text in all_words() if any(sign.isdigit() for sign in text) or "%" in text]


# to whom, how and when


def test_the_bell_always_rings_and_the_rest_follows_role_practice_and_person():
    assert ways() == ["in_app", "fcm"]
    assert ways(person=ADMIN) == ["in_app"]
    assert ways("warning_alert", NORMAL) == ["in_app"]
    assert ways("emergency_access", NORMAL) == ["in_app", "email"]
    practice = PracticePolicy({Group.WARNINGS: frozenset({Means.EMAIL})})
    assert ways("warning_alert", NORMAL, policy=practice) == ["in_app", "email"]
    own = Preferences({Group.WARNINGS: frozenset({Means.PUSH})})
    assert ways("warning_alert", NORMAL, policy=practice, chosen=own) == ["in_app", "fcm"]


def test_what_the_practice_chooses_for_its_team_takes_no_mail_from_a_patient():
    outside = Recipient(uuid4(), "patient", "es", frozenset({"portal.use"}))
    silent = PracticePolicy({group: frozenset() for group in Group})
    assert ways("message_to_member", NORMAL, person=outside, places=(), policy=silent) == ["in_app", "email"]


def test_critical_push_can_be_switched_off_only_where_the_practice_lets_people():
    own = Preferences({Group.CRITICAL: frozenset()})
    assert ways(chosen=own) == ["in_app", "fcm"]
    assert ways(chosen=own, policy=PracticePolicy(critical_always_pushed=False)) == ["in_app"]


def test_a_critical_matter_without_a_phone_goes_by_mail():
    assert ways(places=()) == ["in_app", "email"]
    assert ways("new_message", NORMAL, places=()) == ["in_app"]
    assert ways("new_message", HIGH, places=()) == ["in_app", "email"], "words that may mean an emergency"


def test_every_phone_gets_one():
    other = (uuid4(), Channel.APNS)
    assert [one.target_id for one in planned(places=(PHONE, other))[1:]] == [PHONE[0], other[0]]


def test_what_waited_for_a_day_wakes_nobody_unless_it_is_urgent():
    assert ways("new_message", NORMAL, is_stale=True) == ["in_app"]
    assert ways(is_stale=True) == ["in_app", "fcm"]


NIGHT = QuietHours(time(22), time(6, 30))
DAY = QuietHours(time(12), time(13))


@pytest.mark.parametrize(
    ("quiet", "local", "ends"),
    [
        (NIGHT, (21, 21, 59), None),
        (NIGHT, (21, 22, 0), (22, 6, 30)),
        (NIGHT, (22, 0, 0), (22, 6, 30)),
        (NIGHT, (22, 6, 29), (22, 6, 30)),
        (NIGHT, (22, 6, 30), None),
        (DAY, (21, 11, 59), None),
        (DAY, (21, 12, 0), (21, 13, 0)),
        (DAY, (21, 13, 0), None),
        (QuietHours(time(8), time(8)), (21, 8, 0), None),
        (None, (21, 3, 0), None),
    ],
)
def test_quiet_hours_at_each_end(quiet, local, ends):
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(ZONE)
    now = datetime(2026, 11, *local, tzinfo=zone).astimezone(UTC)
    expected = datetime(2026, 11, *ends, tzinfo=zone).astimezone(UTC) if ends else None
    assert rules.quiet_until(quiet, ZONE, now) == expected


def test_quiet_hours_hold_a_push_back_and_nothing_else():
    chosen = Preferences({Group.MESSAGES: frozenset(Means)}, quiet=DAY)
    bell, push, mail = planned("new_message", NORMAL, chosen=chosen)
    assert (bell.held_until, push.held_until, mail.held_until) == (None, NOW + timedelta(hours=1), None)
    assert push.expires_at == NOW + timedelta(hours=1) + PUSH_LIVES


def test_urgent_matters_break_quiet_hours_unless_somebody_said_no_and_may():
    silent = Preferences(quiet=DAY, urgent_breaks_quiet=False)
    assert planned(chosen=Preferences(quiet=DAY))[1].held_until is None
    assert planned(chosen=silent)[1].held_until is None, "the practice insists"
    free = PracticePolicy(critical_always_pushed=False)
    assert planned(chosen=silent, policy=free)[1].held_until is not None
    assert planned(chosen=silent)[1].expires_at == NOW + URGENT_PUSH_LIVES


def test_quiet_hours_go_by_the_persons_own_clock():
    chosen = Preferences(quiet=DAY, time_zone="America/Los_Angeles")
    assert planned("new_message", NORMAL, chosen=chosen)[1].held_until is None


def test_whoever_is_named_is_told_and_an_urgent_matter_always_finds_somebody():
    kind = rules.kind_of("critical_alert")
    both = [NURSE, ADMIN]
    assert rules.addressed(kind, NURSE.person_id, HIGH, both) == [NURSE]
    assert rules.addressed(kind, None, HIGH, both) == both
    assert rules.addressed(kind, uuid4(), HIGH, both) == both, "who was named has left"
    assert rules.addressed(kind, uuid4(), NORMAL, both) == []
    other = Recipient(uuid4(), "patient", "en", frozenset({"portal.use"}))
    personal = rules.kind_of("message_to_member")
    assert rules.addressed(personal, uuid4(), HIGH, [other]) == [], "it is nobody else's"
    helpless = Recipient(uuid4(), "ma", "en", frozenset())
    assert rules.addressed(kind, None, HIGH, [helpless]) == []
    watcher = Recipient(uuid4(), "admin", "en", frozenset({"notification.log"}))
    assert rules.addressed(kind, None, HIGH, [helpless, watcher]) == [watcher]


def test_a_mail_follows_only_when_every_push_failed():
    ids = [uuid4(), uuid4()]
    assert rules.needs_mail_instead(dict.fromkeys(ids, False), urgency=HIGH, has_mail=False)
    assert not rules.needs_mail_instead({ids[0]: False, ids[1]: True}, urgency=HIGH, has_mail=False)
    assert not rules.needs_mail_instead(dict.fromkeys(ids, False), urgency=HIGH, has_mail=True)
    assert not rules.needs_mail_instead(dict.fromkeys(ids, False), urgency=NORMAL, has_mail=False)
    assert not rules.needs_mail_instead({}, urgency=HIGH, has_mail=False)


# answers


@pytest.mark.parametrize(
    ("status", "code", "violates", "verdict"),
    [
        (200, "", False, Verdict.SENT),
        (404, "UNREGISTERED", False, Verdict.RETIRE),
        (403, "SENDER_ID_MISMATCH", False, Verdict.RETIRE),
        (400, "INVALID_ARGUMENT", False, Verdict.RETIRE),
        (400, "INVALID_ARGUMENT", True, Verdict.REFUSED),
        (429, "QUOTA_EXCEEDED", False, Verdict.RETRY),
        (503, "UNAVAILABLE", False, Verdict.RETRY),
        (500, "INTERNAL", False, Verdict.RETRY),
        (401, "THIRD_PARTY_AUTH_ERROR", False, Verdict.RETRY),
        (401, "UNAUTHENTICATED", False, Verdict.RETRY),
        (404, "NOT_FOUND", False, Verdict.REFUSED),
    ],
)
def test_answers_of_fcm(status, code, violates, verdict):
    assert rules.fcm_answer(status, code, violates_field=violates).verdict is verdict


@pytest.mark.parametrize(
    ("status", "reason", "verdict"),
    [
        (200, "", Verdict.SENT),
        (410, "Unregistered", Verdict.RETIRE),
        (410, "ExpiredToken", Verdict.RETIRE),
        (400, "BadDeviceToken", Verdict.RETIRE),
        (400, "DeviceTokenNotForTopic", Verdict.RETIRE),
        (400, "BadTopic", Verdict.REFUSED),
        (413, "PayloadTooLarge", Verdict.REFUSED),
        (403, "ExpiredProviderToken", Verdict.RETRY),
        (429, "TooManyRequests", Verdict.RETRY),
        (500, "InternalServerError", Verdict.RETRY),
        (503, "ServiceUnavailable", Verdict.RETRY),
    ],
)
def test_answers_of_apple(status, reason, verdict):
    assert rules.apns_answer(status, reason).verdict is verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (201, "sent"),
        (404, "retire"),
        (410, "retire"),
        (429, "retry"),
        (500, "retry"),
        (413, "refused"),
        (403, "refused"),
    ],
)
def test_answers_of_browsers(status, verdict):
    assert rules.web_push_answer(status).verdict.value == verdict


def test_a_word_of_a_service_that_is_in_no_catalogue_is_not_kept():
    assert rules.fcm_answer(500, "Jane Doe").code == "HTTP_500"
    assert rules.apns_answer(400, "Jane Doe").code == "HTTP_400"


def test_when_to_come_back():
    assert rules.seconds_of("7", NOW) == 7
    assert rules.seconds_of("Sat, 21 Nov 2026 18:01:30 GMT", NOW) == 90
    assert rules.seconds_of("soon", NOW) == rules.seconds_of("", NOW) == 0


# tokens and sealing

POINT = to_base64url(b"\x04" + bytes(64))
GOOD = {"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/x", "p256dh": POINT, "auth": "A" * 22}
HOSTS = ["updates.push.services.mozilla.com", ".notify.windows.com"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://updates.push.services.mozilla.com/x",
        "https://updates.push.services.mozilla.com:8443/x",
        "https://updates.push.services.mozilla.com.evil.example/x",
        "https://evil.example/updates.push.services.mozilla.com",
        "https://user@updates.push.services.mozilla.com/x",
        "https://notify.windows.com.evil.example/x",
        "https://evil.example\\.notify.windows.com/x",
        "https://evil.example%2f.notify.windows.com/x",
        "https://@updates.push.services.mozilla.com/x",
        "http://127.0.0.1:9400/push/x",
        "http://169.254.169.254/latest/meta-data/",
        "https://updates.push.services.mozilla.com/\r\nHost: x",
        "file:///etc/passwd",
        "https://[::1",
        "",
    ],
)
def test_a_subscription_leads_to_a_push_service_and_nowhere_else(endpoint):
    with pytest.raises(WrongDestination):
        rules.check_subscription(GOOD | {"endpoint": endpoint}, HOSTS)


def test_right_subscriptions_and_tokens_are_kept():
    assert rules.check_subscription(GOOD | {"more": "x"}, HOSTS) == GOOD
    assert rules.is_push_service("https://wns2-bn.notify.windows.com/w/?token=x", HOSTS)
    assert rules.check_token(Channel.APNS, "AB" * 32) == "ab" * 32
    assert rules.check_token(Channel.FCM, "fcm-token:" + "x" * 40)


@pytest.mark.parametrize("wrong", [{"p256dh": "x"}, {"auth": "x"}, {"p256dh": to_base64url(bytes(65))}])
def test_a_subscription_with_wrong_keys_is_refused(wrong):
    with pytest.raises(WrongDestination):
        rules.check_subscription(GOOD | wrong, HOSTS)


@pytest.mark.parametrize(
    ("channel", "token"),
    [(Channel.APNS, "xyz"), (Channel.FCM, "a b"), (Channel.EMAIL, "a" * 64), (Channel.FCM, "../" * 9)],
)
def test_what_no_service_gives_out_is_no_token(channel, token):
    with pytest.raises(WrongDestination):
        rules.check_token(channel, token)


def test_the_example_of_the_standard():
    """RFC 8291, section 5."""
    key = int.from_bytes(from_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    sealed = seal_for_browser(
        b"When I grow up, I want to be a watermelon",
        public=from_base64url(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        auth=from_base64url("BTBZMqHH6r4Tts7J_aSIgg"),
        own=ec.derive_private_key(key, ec.SECP256R1()),
        salt=from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert to_base64url(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3j"
        "l7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("kind", sorted(rules.KINDS))
def test_every_kind_leads_to_an_address_that_there_is(kind):
    name = settings.NOTIFICATION_DESTINATIONS[kind]
    found = []
    for arguments in ([uuid4()], []):
        try:
            found.append(reverse(name, args=arguments))
        except NoReverseMatch:
            continue
    assert found, name
