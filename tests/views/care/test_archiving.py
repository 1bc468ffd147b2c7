"""The pages that archive, restore and delete a patient, in the dialog and without JavaScript."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from apps.authentication.types import Role
from apps.core.billing import services as billing
from apps.core.billing.types import DeviceDayInput
from apps.core.care import services as care
from apps.core.patients.models import Patient
from apps.core.patients.services import release_device
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.architecture.routes import all_routes
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.factories.readings import pressure, send

DIALOG = {"HX-Request": "true", "HX-Target": "dialog"}
REASON = "Discharged from RPM"


@pytest.fixture
def jane(cast: Cast) -> UUID:
    patient = enrol_patient(cast.highland, first_name="Jane", last_name="Doe", mrn="MRN-00042")
    give_device(cast.highland, patient, serial="SN-0042")
    by, now = cast.highland.system, timezone.now()
    with cast.highland.scope():
        send(patient, [pressure(now - timedelta(hours=1), 184, 122)], now)
        with audit.batch("test", by=by):
            days = [(date(2026, 1, 1), 14), (date(2026, 2, 1), 1)]
            dates = [first + timedelta(days=day) for first, many in days for day in range(many)]
            found = [DeviceDayInput(patient, day, uuid4()) for day in dates]
            billing.count_device_days(found, by=by)
    return patient


@pytest.fixture
def provider(cast: Cast) -> Client:
    return cast.highland.client("provider")


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.highland.client("admin")


def row_of(cast: Cast, patient: UUID) -> Patient:
    with cast.highland.scope():
        found: Patient = Patient.objects.get(id=patient)
        return found


def address(patient: UUID, step: str) -> str:
    return f"/patients/{patient}/{step}/"


def impact_in(page: str) -> str:
    return page.split('name="impact" value="')[1].split('"')[0]


def entries(client: Client, patient: UUID, **more: str) -> dict[str, str]:
    """What a person sends who has read the dialog, chosen a reason and ticked."""
    page = client.get(address(patient, "archive"), headers=DIALOG).content.decode()
    given = {"impact": impact_in(page), "reason": REASON, "understood": "on"}
    return given | {"finalize_billing": "on", "release_devices": "on"} | more


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_the_dialog_says_exactly_what_happens(provider, jane):
    before = AuditLog.objects.count()
    page = provider.get(address(jane, "archive"), headers=DIALOG).content.decode()
    assert "<html" not in page
    assert "Archive Jane Doe" in page
    text = " ".join(page.split())
    months = "January 2026 (14 device-days), February 2026 (1 device-day)"
    assert f"2 billing records will be finalised:</strong> {months}" in text
    assert "1 alert will be closed:" in text
    assert "BP 184/122" in text
    assert "1 device will be released:</strong> UA-651BLE blood pressure monitor SN-0042" in text
    for reason in ("Patient deceased", "Discharged from RPM", "Transferred to another provider", "Patient request"):
        assert reason in page
    assert AuditLog.objects.count() == before + 1


def test_confirming_archives_and_leads_to_the_read_only_chart(cast, provider, jane):
    given = entries(provider, jane, detail="goals met")
    before = AuditLog.objects.count()
    answer = provider.post(address(jane, "archive"), given, headers=DIALOG)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/patients/{jane}/")
    assert AuditLog.objects.count() == before + 1
    row = row_of(cast, jane)
    assert (row.active, row.archive_reason) == (False, "Discharged from RPM: goals met")
    chart = provider.get(f"/patients/{jane}/").content.decode()
    assert "Archived on" in chart
    assert "by Provider of Highland" in chart
    assert "Discharged from RPM: goals met" in chart
    for control in ("/edit/", "/archive/", "/restore/"):
        assert f'{jane}{control}"' not in chart
    assert "Release" not in provider.get(f"/patients/{jane}/devices/").content.decode()
    assert 'data-act="acknowledge"' not in provider.get(f"/triage/patients/{jane}/alerts/").content.decode()


def test_without_javascript_it_is_a_page_and_a_redirect(cast, provider, jane):
    page = provider.get(address(jane, "archive")).content.decode()
    assert "<html" in page
    answer = provider.post(address(jane, "archive"), entries(provider, jane))
    assert (answer.status_code, answer["Location"]) == (302, f"/patients/{jane}/")
    assert not row_of(cast, jane).active


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "because"}, "Select a valid choice"),
        ({"reason": "other"}, "Say in a few words why."),
        ({"understood": ""}, "Tick that you understand what this does."),
    ],
)
def test_what_is_missing_is_said_by_its_field_and_nothing_changes(cast, provider, jane, given, words):
    before = row_of(cast, jane).version
    answer = provider.post(address(jane, "archive"), entries(provider, jane) | given, headers=DIALOG)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "<html" not in page
    assert row_of(cast, jane).version == before
    assert not AuditLog.objects.filter(action="patient.archive").exists()


def test_words_of_ones_own_are_a_reason(cast, provider, jane):
    provider.post(address(jane, "archive"), entries(provider, jane, reason="other", detail=" moved to Guam "))
    assert row_of(cast, jane).archive_reason == "moved to Guam"


def test_options_that_are_unticked_are_left_out(cast, provider, jane):
    given = entries(provider, jane)
    del given["finalize_billing"], given["release_devices"]
    provider.post(address(jane, "archive"), given)
    with cast.highland.scope():
        said = open_detail(AuditLog.objects.get(action="patient.archive"))
    assert (said["billing_periods"], said["devices_released"]) == ([], [])


def test_what_changed_since_it_was_shown_is_shown_and_not_done(cast, provider, jane):
    given = entries(provider, jane)
    with cast.highland.scope():
        now = timezone.now()
        send(jane, [pressure(now, 201, 130)], now)
    answer = provider.post(address(jane, "archive"), given, headers=DIALOG)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Something has changed since this was opened" in page
    assert "BP 201/130" in page
    assert row_of(cast, jane).active
    again = provider.post(address(jane, "archive"), given | {"impact": impact_in(page)}, headers=DIALOG)
    assert again.status_code == 204
    assert not row_of(cast, jane).active


def test_a_form_that_says_nothing_of_what_was_seen_has_seen_nothing(cast, provider, jane):
    given = entries(provider, jane)
    del given["impact"]
    assert provider.post(address(jane, "archive"), given).status_code == 409
    assert row_of(cast, jane).active


def test_the_second_to_confirm_hears_who_was_first(cast, provider, admin, jane):
    given = entries(admin, jane)
    provider.post(address(jane, "archive"), entries(provider, jane))
    answer = admin.post(address(jane, "archive"), given, headers=DIALOG)
    assert answer.status_code == 409
    assert "already archived on" in answer.content.decode()
    assert "by Provider of Highland" in answer.content.decode()
    assert "already archived on" in admin.get(address(jane, "archive")).content.decode()
    assert AuditLog.objects.filter(action="patient.archive").count() == 1


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("admin", {"archive", "restore", "delete"}),
        ("clinical_manager", {"archive"}),
        ("provider", {"archive"}),
        ("nurse", {"archive"}),
        ("ma", set()),
        ("data_monitor", set()),
        ("biller", set()),
        ("patient", set()),
    ],
)
def test_who_may_do_what_and_sees_the_link_to_it(cast, jane, role, allowed):
    client = cast.highland.client(role)
    for step in ("archive", "restore", "delete"):
        assert (client.get(address(jane, step)).status_code == 200) is (step in allowed)
        if step not in allowed:
            assert client.post(address(jane, step), {"reason": REASON, "understood": "on"}).status_code == 403
    chart = client.get(f"/patients/{jane}/").content.decode()
    assert (address(jane, "archive") in chart) is ("archive" in allowed)
    assert (address(jane, "delete") in chart) is ("delete" in allowed)
    with cast.highland.scope():
        care.archive_patient(patient_id=jane, reason=REASON, by=cast.highland.system, now=timezone.now())
    chart = client.get(f"/patients/{jane}/").content.decode()
    assert (address(jane, "restore") in chart) is ("restore" in allowed)
    assert row_of(cast, jane).deleted_at is None


def archive(cast: Cast, patient: UUID, **more: bool) -> None:
    with cast.highland.scope():
        by = cast.highland.actor(Role.PROVIDER)
        care.archive_patient(patient_id=patient, reason=REASON, by=by, now=timezone.now(), **more)


def test_restoring_needs_a_justification_and_asks_for_devices(cast, admin, jane):
    archive(cast, jane)
    page = admin.get(address(jane, "restore"), headers=DIALOG).content.decode()
    assert "Restore Jane Doe" in page
    assert "Provider of Highland" in page
    refused = admin.post(address(jane, "restore"), {"reason": " "}, headers=DIALOG)
    assert refused.status_code == 422
    assert "Say why the patient is to be active again." in refused.content.decode()
    assert not row_of(cast, jane).active
    answer = admin.post(address(jane, "restore"), {"reason": "came back"}, headers=DIALOG)
    assert answer["HX-Redirect"] == f"/patients/{jane}/"
    assert row_of(cast, jane).active
    assert told(answer)[-1] == "Devices must be assigned again: the patient wears none."
    assert "wears no device" in admin.get(f"/patients/{jane}/devices/").content.decode()


def test_a_device_that_was_kept_need_not_be_assigned_again(cast, admin, jane):
    archive(cast, jane, release_devices=False)
    answer = admin.post(address(jane, "restore"), {"reason": "came back"})
    assert told(answer) == ["The patient is active again."]


def test_restoring_twice_says_so(cast, admin, jane):
    answer = admin.post(address(jane, "restore"), {"reason": "came back"})
    assert told(answer) == ["The patient is active already. Nothing was changed."]
    assert "nothing to restore" in admin.get(address(jane, "restore")).content.decode()


def test_deleting_needs_a_reason_and_a_tick(cast, admin, jane):
    for given in ({"reason": "", "understood": "on"}, {"reason": "entered twice"}):
        assert admin.post(address(jane, "delete"), given, headers=DIALOG).status_code == 422
    assert row_of(cast, jane).deleted_at is None
    answer = admin.post(address(jane, "delete"), {"reason": "entered twice", "understood": "on"}, headers=DIALOG)
    assert answer["HX-Redirect"] == "/patients/"
    assert row_of(cast, jane).deleted_at is not None


def test_a_deleted_patient_is_nowhere(cast, admin, jane):
    """Every address with nothing but the patient in it answers 404 afterwards, and no list names them but the trail."""
    of_the_auditor = ("admin/", "audit/", "api/v1/audit/")
    seen_by_people = [route for route in all_routes() if route.is_ours and not route.text.startswith(of_the_auditor)]
    nothing_but = [route for route in seen_by_people if route.slots and set(route.slots) <= {"patient_id"}]
    before = {route.text: admin.get(route.address(patient_id=jane)).status_code for route in nothing_but}
    with cast.highland.scope():
        care.delete_patient(patient_id=jane, by=cast.highland.actor(Role.ADMIN), now=timezone.now())
    after = {route.text: admin.get(route.address(patient_id=jane)).status_code for route in nothing_but}
    assert {text for text, status in before.items() if status == 200} != set()
    assert {text: status for text, status in after.items() if status not in (404, 405, 403)} == {}
    for route in [route for route in seen_by_people if not route.slots and "webhook" not in route.text]:
        text = admin.get(route.address()).content.decode(errors="replace")
        assert "DOE, JANE" not in text, route.text
        assert str(jane) not in text, route.text


def test_a_released_device_is_free_in_the_inventory(cast, provider, jane):
    archive(cast, jane)
    page = provider.post("/devices/", {"worn": "no"}).content.decode()
    assert "SN-0042" in page


def test_the_device_of_an_archived_patient_can_still_be_released_in_the_inventory(cast, provider, jane):
    archive(cast, jane, release_devices=False)
    with cast.highland.scope():
        from apps.core.patients.models import Device

        device = Device.objects.get().id
        release_device(device_id=device, at=timezone.now(), by=cast.highland.actor(Role.PROVIDER))
    assert "SN-0042" in provider.post("/devices/", {"worn": "no"}).content.decode()
