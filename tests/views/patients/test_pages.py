"""The patient list, the chart and its panels, entering and changing a patient, the device pages."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.core.observations.types import ReadingKind
from apps.core.patients.models import Device, DeviceAssignment, Patient
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.factories.readings import pressure, reading, send

LIST = "/patients/"
DEVICES = "/devices/"
NEW = {
    "first_name": "Jane",
    "last_name": "Doe",
    "date_of_birth": "1965-03-12",
    "gender": "female",
    "phone": "+15550100",
}


def wall_clock(moment: datetime) -> str:
    """A moment as a person of the practice types it."""
    return moment.astimezone(ZoneInfo("America/Chicago")).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe", mrn="MRN-00042")


@pytest.fixture
def sam(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Sam", last_name="Okafor")


@pytest.fixture
def provider(cast: Cast) -> Client:
    return cast.highland.client("provider")


@pytest.fixture
def ma(cast: Cast) -> Client:
    return cast.highland.client("ma")


def test_a_search_is_posted_and_an_address_cannot_carry_one(provider, jane, sam):
    found = provider.post(LIST, {"q": "doe"}).content.decode()
    assert "DOE, JANE" in found
    assert "OKAFOR" not in found
    assert "1 found" in found
    assert "OKAFOR" in provider.get(LIST, {"q": "doe"}).content.decode()


def test_a_fragment_is_the_list_alone_with_the_count_said_aloud(provider, jane):
    headers = {"HX-Request": "true", "HX-Target": "list"}
    response = provider.post(LIST, {"q": "doe"}, headers=headers)
    page = response.content.decode()
    assert "<html" not in page
    assert 'id="live"' in page
    assert "HX-Request" in response["Vary"]


def test_nobody_found_says_what_to_try(provider, jane):
    assert "Nobody matches" in provider.post(LIST, {"q": "zzzz"}).content.decode()


def test_a_practice_without_patients_says_how_to_begin(provider, ma):
    page = ma.get(LIST).content.decode()
    assert "No patients yet" in page
    assert "Nobody matches" not in page
    assert page.count('href="/patients/new/"') == 2


def test_further_filters_stand_folded_until_one_is_used(provider, jane):
    assert '<details class="more">' in provider.get(LIST).content.decode()
    page = provider.post(LIST, {"non_compliant": "true"}).content.decode()
    assert '<details class="more" open>' in page
    assert "Nobody matches" in page
    assert "DOE, JANE" in provider.post(LIST, {"non_compliant": "false", "has_device": "false"}).content.decode()
    assert "DOE, JANE" in provider.post(LIST, {"created_after": "2020-01-01"}).content.decode()


def test_a_wrong_filter_says_so(provider, jane):
    page = provider.post(LIST, {"created_after": "yesterday"}).content.decode()
    assert "Added since: Enter a valid date." in page


def test_a_patient_is_found_by_each_of_her_numbers(cast, provider):
    enrol_patient(cast.highland, last_name="Found", phone="555 010 1234", email="f@example.org", external_id="ECW-77")
    for typed in ("found", "0101234", "F@example.org", "ecw 77".replace(" ", ""), "ecw-77"):
        assert "FOUND, AMARA" in provider.post(LIST, {"q": typed}).content.decode(), typed


def test_pages_are_posted_with_the_search(cast, provider):
    for _number in range(26):
        enrol_patient(cast.highland)
    first = provider.post(LIST, {"q": "testperson"}).content.decode()
    assert 'form="filters" name="page" value="2"' in first
    second = provider.post(LIST, {"q": "testperson", "page": "2"}).content.decode()
    assert second.count("<tr>") == 2  # the heading and the 26th


def test_the_chart_says_who_it_is_and_loads_panels_that_open_by_themselves(provider, jane):
    page = provider.get(reverse("patients:chart", args=[jane])).content.decode()
    for shown in ("DOE, JANE", "Mar 12, 1955", "MRN-00042"):
        assert shown in page
    panels = [f"triage:{panel}" for panel in ("alerts", "score", "trends", "thresholds")]
    for name in (*panels, "care:medications", "care:calls"):
        panel, url = name.partition(":")[2], reverse(name, args=[jane])
        assert f'hx-get="{url}"' in page
        assert f'<a href="{url}">' in page
        assert "<html" in provider.get(url).content.decode()
        part = provider.get(url, headers={"HX-Request": "true", "HX-Target": panel}).content.decode()
        assert "<html" not in part
        assert f'id="{panel}"' in part


def test_the_chart_has_a_place_for_everything_that_decides(provider, jane):
    """A slot without an address is left out without a word, so each is named here."""
    page = provider.get(reverse("patients:chart", args=[jane])).content.decode()
    for name in (
        "care:timer",
        "triage:wearer",
        "quarantine:held",
        "care:medications",
        "care:calls",
        "care:messages",
        "care:newest_notes",
        "care:newest_events",
        "patients:devices",
        "triage:thresholds",
    ):
        assert f'hx-get="{reverse(name, args=[jane])}"' in page, name
    for name in ("triage:days", "care:timeline", "care:ask_report"):
        assert f'href="{reverse(name, args=[jane])}"' in page, name


def test_another_practice_finds_no_chart(cast, jane):
    client = cast.lakeside.client("provider")
    for name in ("patients:chart", "patients:edit", "patients:devices", "patients:assign_device"):
        assert client.get(reverse(name, args=[jane])).status_code == 404
    assert client.get(reverse("observations:readings", args=[jane])).status_code == 404


def test_no_data_is_not_normal(provider, jane):
    page = provider.get(reverse("triage:trends", args=[jane])).content.decode()
    assert "No data in 30 days" in page
    assert "not the same as normal" in page


def test_a_chart_has_bands_limits_a_table_and_a_description(cast, provider, jane):
    now = timezone.now()
    with cast.highland.scope():
        send(jane, [pressure(now - timedelta(days=day), 150 + day, 90) for day in range(5)], now)
    page = provider.get(reverse("triage:trends", args=[jane])).content.decode()
    for shown in (
        "<desc",
        "Systolic ≥ 140 warning",
        "band--in_range",
        "150/90",
        "marker--warning",
        reverse("triage:days", args=[jane]),
    ):
        assert shown in page
    assert "style=" not in page


def test_a_converted_weight_shows_both_values(cast, provider, jane):
    now = timezone.now()
    with cast.highland.scope():
        send(jane, [reading(ReadingKind.WEIGHT, now, "198.4", unit="lb")], now)
    page = provider.get(reverse("observations:readings", args=[jane])).content.decode()
    assert "90.0" in page
    assert "198.4 lb" in page


def test_a_patient_is_entered_and_faults_stand_by_their_fields(ma):
    wrong = ma.post("/patients/new/", {**NEW, "date_of_birth": "2999-01-01", "postal_code": "123", "state": "I1"})
    assert wrong.status_code == 422
    assert wrong.content.decode().count('class="error"') >= 2
    assert not Patient._base_manager.exists()
    right = ma.post("/patients/new/", NEW)
    assert right.status_code == 302
    assert "DOE, JANE" in ma.get(right.url).content.decode()


def test_a_serial_is_typed_twice(ma):
    entered = {"model": "UA-651BLE", "serial": "SN12345678", "serial_again": "SN12345679", "transport": "hub"}
    wrong = ma.post("/devices/register/", entered)
    assert wrong.status_code == 422
    assert "differ" in wrong.content.decode()
    assert not Device._base_manager.exists()
    assert ma.post("/devices/register/", {**entered, "serial_again": "SN12345678"}).status_code == 302
    assert "SN12345678" in ma.get(DEVICES).content.decode()
    again = ma.post("/devices/register/", {**entered, "serial_again": "SN12345678"})
    assert "already registered" in again.content.decode()


def test_a_device_is_assigned_by_two_identifiers_and_released(cast, ma, jane, sam):
    device_id, serial = give_device(cast.highland, sam)
    inventory = ma.get(DEVICES).content.decode()
    assert serial in inventory
    assert "OKAFOR, SAM" in inventory
    moment = wall_clock(timezone.now() - timedelta(hours=1))
    assert ma.get(reverse("devices:release", args=[device_id])).status_code == 200
    assert ma.post(reverse("devices:release", args=[device_id]), {"at": moment}).status_code == 302
    assign = reverse("devices:assign", args=[device_id])
    later = wall_clock(timezone.now())
    wrong = ma.post(assign, {"mrn": "MRN-00042", "born": "1955-03-13", "starts_at": later})
    assert wrong.status_code == 422
    assert "No active patient" in wrong.content.decode()
    assert ma.post(assign, {"mrn": "mrn-00042", "born": "1955-03-12", "starts_at": later}).status_code == 302
    assert DeviceAssignment._base_manager.filter(device_id=device_id, patient_id=jane, ends_at=None).exists()


def test_a_device_of_another_practice_is_404(cast, sam):
    device_id, _serial = give_device(cast.highland, sam)
    client = cast.lakeside.client("ma")
    assert client.get(reverse("devices:release", args=[device_id])).status_code == 404
    assert client.get(reverse("devices:assign", args=[device_id])).status_code == 404


def test_a_free_device_is_assigned_from_the_chart(cast, ma, jane, sam):
    device_id, serial = give_device(cast.highland, sam)
    url = reverse("patients:assign_device", args=[jane])
    assert "No device is free" in ma.get(url).content.decode()
    ma.post(reverse("devices:release", args=[device_id]), {"at": wall_clock(timezone.now())})
    assert serial in ma.get(url).content.decode()


def test_a_90_day_chart_asks_a_constant_number_of_queries(cast, provider, jane):
    url = reverse("triage:trends", args=[jane]) + "?days=90"
    now = timezone.now()

    def queries() -> int:
        provider.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert provider.get(url).status_code == 200
        return len(asked)

    with cast.highland.scope():
        send(jane, [pressure(now, 120, 78, 70)], now)
    one_day = queries()
    with cast.highland.scope():
        for kind, values in (
            (ReadingKind.BLOOD_PRESSURE, (121, 79, 71)),
            (ReadingKind.SPO2, (97,)),
            (ReadingKind.WEIGHT, ("81.2",)),
            (ReadingKind.GLUCOSE, (110,)),
        ):
            readings = [reading(kind, now - timedelta(days=day, hours=2), *values) for day in range(28)]
            send(jane, readings, now)
    assert queries() == one_day
    assert one_day <= 14
