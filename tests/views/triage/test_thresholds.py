"""The pages of limits: a patient's own with the dry run, the practice's profile, reviews, quality."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.core.triage import services
from apps.core.triage.models import Alert, AlertThreshold
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send
from tests.told import told

DAY = timedelta(days=1)
HTMX = {"HX-Request": "true", "HX-Target": "threshold-form"}
PROFILE = "/settings/thresholds/"


@pytest.fixture
def patient(cast: Cast) -> UUID:
    """152 every morning for eleven days, and one 184: eleven warnings or worse, one of them critical."""
    patient_id = enrol_patient(cast.highland, first_name="Sam", last_name="Okafor")
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now - back * DAY, 184 if back == 5 else 152, 78) for back in range(11, 0, -1)], now)
    return patient_id


@pytest.fixture
def provider(cast: Cast) -> Client:
    return cast.highland.client("provider")


def address(patient_id: UUID, name: str = "change_thresholds") -> str:
    return reverse(f"triage:{name}", args=[patient_id])


def fields_of(page: str) -> dict[str, str]:
    """What the form on the page holds."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="radio"' not in tag and 'type="checkbox"' not in tag:
            found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    found.pop("csrfmiddlewaretoken", None)
    return found


def tried(client: Client, patient_id: UUID, **entered: str) -> tuple[HttpResponse, dict[str, str]]:
    """The page after a trial of these limits, and what its form holds then."""
    fields = fields_of(client.get(address(patient_id)).content.decode()) | {"reason": "usual for him"} | entered
    page = client.post(address(patient_id), fields | {"step": "try"})
    return page, fields | fields_of(page.content.decode()) | {"reason": fields["reason"]} | entered


def test_the_panel_says_what_holds_and_where_it_comes_from(cast: Cast, patient: UUID) -> None:
    client = cast.highland.client("ma")
    page = client.get(address(patient, "thresholds")).content.decode()
    assert "≥ 140" in page and "≤ 90" in page
    assert "default" in page
    assert "not signed by a clinician yet" in page
    assert address(patient) not in page, "who may not change is offered nothing"
    part = client.get(
        address(patient, "thresholds"), headers={"HX-Request": "true", "HX-Target": "thresholds"}
    ).content.decode()
    assert "<html" not in part and 'id="thresholds"' in part


def test_a_trial_says_what_would_have_fired_and_saves_nothing(provider: Client, patient: UUID) -> None:
    page, _fields = tried(provider, patient, systolic_warning_high="160")
    text = told(page.content)
    assert page.status_code == 200
    assert "would have fired 12 → 1 in 30 days" in text
    assert "Blood pressure high" in text
    assert "would be lost" not in text
    assert not AlertThreshold._base_manager.exists()


def test_what_was_tried_is_saved_with_reason_review_and_signature(cast: Cast, provider: Client, patient: UUID) -> None:
    _page, fields = tried(
        provider, patient, systolic_warning_high="160", review_by=f"{timezone.localdate() + 30 * DAY}"
    )
    response = provider.post(address(patient), fields | {"step": "save"})
    assert response.status_code == 302 and response.url == address(patient, "thresholds")
    row = AlertThreshold._base_manager.get()
    assert row.patient_id == patient and row.signed_by == cast.highland.people["provider"]
    assert row.review_by == timezone.localdate() + 30 * DAY
    with cast.highland.scope():
        row = AlertThreshold.objects.get()
        assert row.reason == "usual for him"
        assert set(row.profile["limits"]) == {"systolic"}, "what equals the practice's goes on following it"
        assert row.profile["limits"]["systolic"]["warning_high"] == 160
        assert row.profile["repeat"] == {}
    page = told(provider.get(response.url).content)
    assert "usual for him" in page and "signed by Provider of Highland" in page
    entry = AuditLog.objects.get(action="threshold.change")
    assert (entry.subject_id, entry.actor_id) == (patient, cast.highland.people["provider"])


def test_nothing_is_saved_that_was_not_tried_first(provider: Client, patient: UUID) -> None:
    page, fields = tried(provider, patient, systolic_warning_high="160")
    for entered in (fields | {"previewed": ""}, fields | {"systolic_warning_high": "161"}):
        response = provider.post(address(patient), entered | {"step": "save"})
        assert response.status_code == 200
        assert "Not saved yet" in told(response.content)
    assert not AlertThreshold._base_manager.exists()
    assert page.status_code == 200


def test_a_lost_critical_alert_is_named_and_has_to_be_seen(provider: Client, patient: UUID) -> None:
    page, fields = tried(provider, patient, systolic_critical_high="190")
    text = told(page.content)
    assert "These critical alerts would be lost" in text
    assert "184/78" in text and "would be a warning" in text
    response = provider.post(address(patient), fields | {"step": "save"})
    assert "tick that you have seen it" in told(response.content)
    assert not AlertThreshold._base_manager.exists()
    assert provider.post(address(patient), fields | {"step": "save", "lost_seen": "on"}).status_code == 302


def test_a_critical_limit_given_up_has_to_be_seen_though_nothing_fired(provider: Client, patient: UUID) -> None:
    page, fields = tried(provider, patient, pulse_critical_high="")
    assert "no critical limit on the high side any more" in told(page.content)
    assert "Not saved yet" in told(provider.post(address(patient), fields | {"step": "save"}).content)


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"systolic_warning_high": "125"}, "Must be above advisory, at or above, which is 130."),
        ({"systolic_warning_high": "400"}, "less than or equal to 300"),
        ({"systolic_warning_high": "high"}, "whole number"),
        ({"reason": "  "}, "required"),
        ({"review_by": "2020-01-01"}, "after today and within a year"),
        ({f"spo2_{side}": "" for side in ("critical_low", "warning_low", "advisory_low")}, "has to stay"),
        ({"repeat_pulse_high_critical": "86400"}, "Select a valid choice"),
    ],
)
def test_a_wrong_entry_is_named_and_kept(provider: Client, patient: UUID, entered: dict[str, str], said: str) -> None:
    page, _fields = tried(provider, patient, **entered)
    text = page.content.decode()
    assert page.status_code == 422
    assert said in text
    assert "dryrun-sum" not in text
    for value in filter(str.strip, entered.values()):
        assert f'value="{value}"' in text or value == "86400"


def test_a_post_without_fields_removes_no_limit(provider: Client, patient: UUID) -> None:
    assert provider.post(address(patient), {"reason": "x", "step": "save"}).status_code == 422
    assert not AlertThreshold._base_manager.exists()


def test_repeat_limits_are_kept_by_rule(cast: Cast, provider: Client, patient: UUID) -> None:
    _page, fields = tried(provider, patient, repeat_pulse_high_warning="604800")
    assert provider.post(address(patient), fields | {"step": "save"}).status_code == 302
    with cast.highland.scope():
        assert AlertThreshold.objects.get().profile["repeat"] == {"pulse_high": {"warning": 604800, "critical": 3600}}
    assert fields_of(provider.get(address(patient)).content.decode())["repeat_pulse_high_warning"] == "604800"


def test_of_two_who_change_at_once_the_second_keeps_what_was_typed(cast: Cast, provider: Client, patient: UUID) -> None:
    _page, fields = tried(provider, patient, systolic_warning_high="160")
    with cast.highland.scope():
        services.set_threshold(
            patient_id=patient,
            limits={"pulse": {"warning_high": 120}},
            reason="meanwhile",
            by=cast.highland.actor("clinical_manager"),
            now=timezone.now(),
        )
    response = provider.post(address(patient), fields | {"step": "save"})
    page = response.content.decode()
    assert response.status_code in (200, 409)
    assert 'value="160"' in page
    assert AlertThreshold._base_manager.filter(ended_at__isnull=True).count() == 1


def test_one_comes_from_an_alert_and_its_metric_stands_first(provider: Client, patient: UUID, cast: Cast) -> None:
    alert = Alert._base_manager.filter(patient_id=patient).earliest("opened_at")
    page = provider.get(address(patient), {"from": str(alert.id)}).content.decode()
    assert "expected for this patient" in page
    assert "limits--asked" in page
    assert page.index('id="limits-systolic"') < page.index('id="limits-diastolic"')
    led = provider.get(address(patient, "thresholds"), {"from": str(alert.id)})
    assert led.url == f"{address(patient)}?from={alert.id}"
    assert cast.highland.client("nurse").get(address(patient, "thresholds"), {"from": str(alert.id)}).status_code == 200
    for wrong in ("x", str(uuid4())):
        assert "limits--asked" not in provider.get(address(patient), {"from": wrong}).content.decode()


def test_htmx_gets_the_form_alone(provider: Client, patient: UUID) -> None:
    _page, fields = tried(provider, patient, systolic_warning_high="160")
    part = provider.post(address(patient), fields | {"step": "try"}, headers=HTMX)
    assert "<html" not in part.content.decode() and 'id="threshold-form"' in part.content.decode()
    saved = provider.post(address(patient), fields | {"step": "save"}, headers=HTMX)
    assert saved["HX-Redirect"] == address(patient, "thresholds")


@pytest.mark.parametrize("role", ["nurse", "ma", "data_monitor"])
def test_who_may_not_change_is_refused(cast: Cast, patient: UUID, role: str) -> None:
    client = cast.highland.client(role)
    assert client.get(address(patient)).status_code == 403
    assert client.post(address(patient), {"step": "save"}).status_code == 403
    assert client.post(address(patient, "sign_thresholds"), {"seen": str(uuid4())}).status_code == 403


def test_another_practice_finds_nothing(cast: Cast, patient: UUID) -> None:
    stranger = cast.lakeside.client("provider")
    for name in ("thresholds", "change_thresholds", "wearer"):
        assert stranger.get(address(patient, name)).status_code == 404
    assert stranger.post(address(patient, "sign_thresholds"), {"seen": str(uuid4())}).status_code == 404


def test_unsigned_limits_of_an_administrator_are_signed_by_a_clinician(cast: Cast, patient: UUID) -> None:
    admin, manager = cast.highland.client("admin"), cast.highland.client("clinical_manager")
    _page, fields = tried(admin, patient, systolic_warning_high="160")
    assert admin.post(address(patient), fields | {"step": "save"}).status_code == 302
    page = manager.get(address(patient, "thresholds")).content.decode()
    assert "Not signed by a clinician" in page
    seen = AlertThreshold._base_manager.get().id
    answer = manager.post(address(patient, "sign_thresholds"), {"seen": "x"}, follow=True)
    assert "Nothing was signed" in answer.content.decode()
    answer = manager.post(address(patient, "sign_thresholds"), {"seen": str(seen)}, follow=True)
    assert "signed by Clinical Manager" in answer.content.decode()
    assert AuditLog.objects.filter(action="threshold.sign", subject_id=patient).exists()


# The practice's profile


def profile_fields(client: Client, **entered: str) -> dict[str, str]:
    fields = fields_of(client.get(f"{PROFILE}change/").content.decode())
    return fields | {"oxygen": "strict", "reason": "agreed on Tuesday"} | entered


def test_the_defaults_show_as_unsigned_with_their_sources(cast: Cast) -> None:
    page = told(cast.highland.client("nurse").get(PROFILE).content)
    assert "Not chosen and not signed." in page
    assert "NHS home oximetry" in page and "partly convention" in page and "Royal College" in page
    assert "not a validated clinical score" in page and "risk-1" in page
    assert "/settings/thresholds/change/" not in page


def test_the_practice_chooses_its_spo2_profile_itself(cast: Cast) -> None:
    admin = cast.highland.client("admin")
    fields = profile_fields(admin)
    missing = admin.post(f"{PROFILE}change/", {name: value for name, value in fields.items() if name != "oxygen"})
    assert missing.status_code == 422
    assert not AlertThreshold._base_manager.exists()
    assert admin.post(f"{PROFILE}change/", fields).status_code == 302
    with cast.highland.scope():
        profile = AlertThreshold.objects.get().profile
    assert profile == {"limits": {}, "repeat": {}, "oxygen_profile": "strict"}
    page = told(admin.get(PROFILE).content)
    assert "Not signed." in page and "≤ 91" in page
    assert 'value="strict"' in admin.get(f"{PROFILE}change/").content.decode()


def test_own_numbers_of_spo2_count_only_where_chosen(cast: Cast) -> None:
    admin = cast.highland.client("admin")
    admin.post(f"{PROFILE}change/", profile_fields(admin, oxygen="standard", spo2_warning_low="92"))
    with cast.highland.scope():
        assert AlertThreshold.objects.get().profile["limits"] == {}
    admin.post(f"{PROFILE}change/", profile_fields(admin, oxygen="own", spo2_warning_low="92"))
    with cast.highland.scope():
        limits = AlertThreshold.objects.get(ended_at__isnull=True).profile["limits"]
    assert limits["spo2"]["warning_low"] == 92 and set(limits) == {"spo2"}


def test_a_clinician_signs_and_a_change_takes_the_signature_away(cast: Cast) -> None:
    admin, manager = cast.highland.client("admin"), cast.highland.client("clinical_manager")
    admin.post(f"{PROFILE}change/", profile_fields(admin))
    assert "Sign these limits" in manager.get(PROFILE).content.decode()
    assert "Sign these limits" not in admin.get(PROFILE).content.decode()
    seen = str(AlertThreshold._base_manager.get().id)
    assert admin.post(f"{PROFILE}sign/", {"seen": seen}).status_code == 403
    manager.post(f"{PROFILE}sign/", {"seen": seen})
    assert "Signed by Clinical Manager" in manager.get(PROFILE).content.decode()
    assert "not signed by a clinician" not in manager.get("/triage/unsigned/").content.decode()
    admin.post(f"{PROFILE}change/", profile_fields(admin, pulse_warning_high="115"))
    assert "Not signed." in manager.get(PROFILE).content.decode()
    assert "not signed by a clinician" in manager.get("/triage/unsigned/").content.decode()


def test_only_an_administrator_changes_the_profile(cast: Cast) -> None:
    for role in ("clinical_manager", "provider", "nurse"):
        client = cast.highland.client(role)
        assert client.get(f"{PROFILE}change/").status_code == 403
        assert client.post(f"{PROFILE}change/", {}).status_code == 403


# Reviews and quality


def test_overdue_reviews_are_listed_for_who_may_open_them(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        services.set_threshold(
            patient_id=patient,
            limits={"systolic": {"warning_high": 150}},
            reason="usual for him",
            by=cast.highland.actor("provider"),
            now=timezone.now() - 100 * DAY,
        )
    page = told(cast.highland.client("nurse").get("/triage/reviews/").content)
    assert "OKAFOR, SAM" in page and "usual for him" in page and "overdue" in page
    assert AuditLog.objects.filter(action="threshold.reviews", subject_id=patient).exists()
    assert "OKAFOR" not in told(cast.lakeside.client("provider").get("/triage/reviews/").content)


def test_quality_says_what_came_of_each_rule(cast: Cast, patient: UUID) -> None:
    client = cast.highland.client("data_monitor")
    alert = Alert._base_manager.filter(patient_id=patient, closed_at__isnull=True).earliest("opened_at")
    with cast.highland.scope():
        services.resolve_alert(
            alert_id=alert.id,
            patient_id=patient,
            code="expected",
            by=cast.highland.actor("nurse"),
            now=timezone.now() + timedelta(hours=3),
        )
    page = told(client.get("/triage/quality/").content)
    assert "Blood pressure high" in page and "Expected for this patient" in page and "100 %" in page and "3 h" in page
    assert "OKAFOR" not in page
    assert "No alert in the last 30 days" in told(cast.lakeside.client("nurse").get("/triage/quality/").content)


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_pages_ask_a_constant_number_of_queries(cast: Cast, provider: Client, patient: UUID) -> None:
    def change(times: int) -> None:
        with cast.highland.scope():
            for number in range(times):
                services.set_threshold(
                    patient_id=patient,
                    limits={"systolic": {"warning_high": 150 + number}},
                    reason="again",
                    by=cast.highland.actor("provider"),
                    now=timezone.now(),
                )

    change(1)
    urls = [address(patient, "thresholds"), address(patient), PROFILE, "/triage/quality/"]
    before = [queries_of(provider, url) for url in urls]
    change(5)
    assert [queries_of(provider, url) for url in urls] == before
