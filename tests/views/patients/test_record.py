"""The Record tab: panels, dialogs that work without JavaScript, who sees and who changes what, and paper."""

import io
import re
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from apps.core.patients import services
from apps.core.patients.models import Coverage, Device, DeviceAssignment, EpisodeOfCare, Patient
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.factories.records import SINCE, assignment_of, keep_record
from tests.told import told

DIALOG = {"HX-Request": "true", "HX-Target": "dialog"}
SENT = {"HX-Request": "true", "HX-Target": "record"}
POLICY = {
    "priority": "1",
    "payer_name": "Medicare",
    "member_id": "1EG4",
    "starts_on": "2026-01-01",
    "relationship": "self",
}


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


@pytest.fixture
def ma(cast: Cast) -> Client:
    return cast.highland.client("ma")


@pytest.fixture
def provider(cast: Cast) -> Client:
    return cast.highland.client("provider")


def url(name: str, *ids: UUID) -> str:
    return reverse(f"patients:{name}", args=ids)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_an_empty_record_says_what_is_missing(ma: Client, jane: UUID) -> None:
    page = text_of(ma, url("record", jane))
    for words in ("0 of 8 steps", "in no program", "No consent is on record", "No insurance", "No diagnosis", "0 of 6"):
        assert words in page
    assert "nobody has chosen yet" in page
    assert '<a href="/patients/' in page


def test_a_kept_record_shows_everything_as_one_disclosure(cast: Cast, ma: Client, jane: UUID) -> None:
    keep_record(cast.highland, jane)
    before = AuditLog.objects.count()
    page = text_of(ma, url("record", jane))
    new = list(AuditLog.objects.order_by("sequence"))[before:]
    assert [(row.action, row.subject_id) for row in new] == [("patient.record", jane)]
    for words in (
        "Order awaited", "asked of Provider of Highland", "RPM-2026-01", "1EG4-TE5-MK73",
        "I10", "monitored: Hypertension",
        "99453 evidence complete, Feb 3, 2026", "Home readings in range", "Nurse of Highland", "Practice standard",
    ):  # fmt: skip
        assert words in page
    assert "Record the order" not in page, "an assistant cannot order"


def test_the_overview_says_how_far_the_enrolment_is(cast: Cast, ma: Client, jane: UUID) -> None:
    keep_record(cast.highland, jane)
    assert "Enrolment 5 of 8</a>: order awaited from Provider of Highland Primary Care" in text_of(
        ma, url("chart", jane)
    )


def test_an_order_is_recorded_by_a_provider_only(cast: Cast, ma: Client, provider: Client, jane: UUID) -> None:
    episode = keep_record(cast.highland, jane).episode_id
    address = url("episode_order", jane, episode)
    assert ma.post(address, {"note": ""}).status_code == 403
    assert "Record the order" in text_of(provider, url("record", jane))
    assert provider.post(address, {"note": "Twice a day"}).status_code == 302
    assert EpisodeOfCare._base_manager.get().status == "active"
    assert provider.get(address).status_code == 404
    assert "ordered by Provider of Highland Primary Care" in text_of(ma, url("record", jane))


@pytest.mark.parametrize(
    "act",
    [
        "coverage_add",
        "diagnosis_add",
        "enrol",
        "consent_record",
        "educate",
        "goal_add",
        "team_add",
        "thresholds_choose",
    ],
)
def test_an_act_opens_as_a_page_and_as_the_body_of_the_dialog(ma: Client, jane: UUID, act: str) -> None:
    page = ma.get(url(act, jane)).content.decode()
    assert "<html" in page
    assert "DOE, JANE" in page
    part = ma.get(url(act, jane), headers=DIALOG).content.decode()
    assert "<html" not in part
    assert f'action="{url(act, jane)}"' in part
    assert 'id="dialog-title"' in part


def test_an_act_without_javascript_leads_back_to_the_record(ma: Client, jane: UUID) -> None:
    answer = ma.post(url("coverage_add", jane), POLICY)
    assert (answer.status_code, answer.url) == (302, url("record", jane))
    assert "The coverage was added." in text_of(ma, answer.url)


def test_an_act_in_the_dialog_shows_the_record_anew_and_closes_it(ma: Client, jane: UUID) -> None:
    answer = ma.post(url("coverage_add", jane), POLICY, headers=SENT)
    assert answer.status_code == 200
    assert answer["HX-Trigger"] == "close-dialog"
    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="record"' in page
    assert "Medicare" in page
    assert "The coverage was added." in page


def test_faults_stand_by_their_fields_in_the_dialog(ma: Client, jane: UUID) -> None:
    answer = ma.post(url("coverage_add", jane), POLICY | {"relationship": "spouse"}, headers=SENT)
    assert answer.status_code == 422
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#dialog", "innerHTML")
    assert answer.content.decode().count('class="error"') == 4
    page = ma.post(url("diagnosis_add", jane), {"code": "E11"})
    assert page.status_code == 422
    assert "only a heading" in page.content.decode()
    assert not Coverage._base_manager.exists()


def test_the_usual_codes_are_offered(ma: Client, jane: UUID) -> None:
    page = ma.get(url("diagnosis_add", jane)).content.decode()
    assert 'list="icd10"' in page
    assert '<option value="E11.65">Type 2 diabetes with high blood sugar</option>' in page


def test_a_primary_diagnosis_is_chosen_in_place(cast: Cast, ma: Client, jane: UUID) -> None:
    keep_record(cast.highland, jane)
    ma.post(url("diagnosis_add", jane), {"code": "E11.9"})
    page = text_of(ma, url("record", jane))
    (address,) = re.findall(r'action="([^"]+/primary/)"', page)
    answer = ma.post(address, headers=SENT)
    assert "This is the primary diagnosis now." in answer.content.decode()
    assert ma.get(address).status_code == 405


def test_an_archived_record_offers_nothing_and_takes_nothing(cast: Cast, provider: Client, jane: UUID) -> None:
    kept = keep_record(cast.highland, jane)
    practice = cast.highland
    with practice.scope(), audit.change("patient.archive", subject=("patient", jane), by=practice.system):
        services.archive_record(
            patient_id=jane, reason="Moved", release_devices=True, by=practice.system, now=timezone.now()
        )
    page = text_of(provider, url("record", jane))
    assert "Medicare" not in page
    assert "Home readings in range" in page
    assert 'hx-target="#dialog"' not in page.split('id="record"')[1]
    refused = provider.post(url("coverage_add", jane), POLICY)
    assert refused.status_code == 422
    assert "archived and read-only" in refused.content.decode()
    assert (
        "archived and read-only"
        in provider.post(url("episode_order", jane, kept.episode_id), {"note": ""}).content.decode()
    )
    assert url("consent_copy", jane, kept.consent_id) in page


def test_who_may_only_read_sees_no_buttons(cast: Cast, jane: UUID) -> None:
    kept = keep_record(cast.highland, jane)
    visitor = cast.highland.client("patient")
    assert visitor.get(url("record", jane)).status_code == 403
    assert visitor.get(url("consent_copy", jane, kept.consent_id)).status_code == 403
    assert cast.lakeside.client("provider").get(url("record", jane)).status_code == 404


# consent on paper


def paper(client: Client, address: str) -> tuple[str, PdfReader]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"] == 'inline; filename="consent.pdf"'
    reader = PdfReader(io.BytesIO(answer.content))
    return " ".join("\n".join(page.extract_text() for page in reader.pages).split()), reader


def test_the_copy_of_a_consent_names_practice_patient_and_wording(cast: Cast, ma: Client, jane: UUID) -> None:
    kept = keep_record(cast.highland, jane, words="Jane Doe")
    before = AuditLog.objects.count()
    said, reader = paper(ma, url("consent_copy", jane, kept.consent_id))
    for words in ("Highland Primary Care", "Consent to remote patient monitoring", "Jane Doe", "1955-03-12", "verbally",
                  "2026-02-03", "RPM-2026-01", "I call 911", "Ma of Highland Primary Care"):  # fmt: skip
        assert words in said
    assert "Signature" not in said
    metadata = " ".join(str(value) for value in (reader.metadata or {}).values())
    assert "Consent" in metadata
    for secret in ("Jane", "Doe", "Highland"):
        assert secret not in metadata
    new = list(AuditLog.objects.order_by("sequence"))[before:]
    assert [(row.action, row.subject_id) for row in new] == [("patient.consent_copy", jane)]


def test_a_spanish_consent_is_spanish_signed_and_says_when_it_was_withdrawn(cast: Cast, ma: Client, jane: UUID) -> None:
    practice = cast.highland
    with practice.scope():
        consent = services.record_consent(
            patient_id=jane, program="ccm", version="CCM-2026-01", language="es", method="signed", given_on=SINCE,
            given_by="Ana Doe", is_representative=True, representative_relationship="hija", by=practice.system,
        )  # fmt: skip
    address = url("consent_copy", jane, consent)
    said, _ = paper(ma, address)
    for words in (
        "gestión de enfermedades crónicas",
        "Ana Doe (representante: hija)",
        "Firma del paciente",
        "llamo al 911",
    ):
        assert words in said
    assert "se retiró" not in said
    ma.post(url("consent_withdraw", jane, consent), {"withdrawn_on": "2026-03-01", "reason": "Ya no"})
    assert "Este consentimiento se retiró el 2026-03-01" in paper(ma, address)[0]


def test_every_wording_exists_in_every_language(ma: Client, jane: UUID) -> None:
    page = ma.get(url("consent_record", jane)).content.decode()
    for words in ("What remote monitoring is", "Qué es el monitoreo remoto", "What chronic care", "Qué es la gestión"):
        assert words in page
    assert page.count("Highland Primary Care") >= 4


# devices


def entered(serial: str, again: str = "", model: str = "UA-767PBT-Ci") -> dict[str, str]:
    worn_from = timezone.now() - timedelta(minutes=5)
    local = worn_from.astimezone(ZoneInfo("America/Chicago")).strftime("%Y-%m-%dT%H:%M:%S")
    return {"model": model, "serial": serial, "serial_again": again or serial, "transport": "hub", "starts_at": local}


def test_a_device_is_registered_and_assigned_from_the_record(cast: Cast, ma: Client, jane: UUID) -> None:
    address = url("hand_over", jane)
    assert "differ" in ma.post(address, entered("SN12345678", "SN12345679")).content.decode()
    assert not Device._base_manager.exists()
    assert ma.post(address, entered("SN12345678")).status_code == 302
    assert DeviceAssignment._base_manager.get().patient_id == jane
    other = enrol_patient(cast.highland, last_name="Okafor")
    refused = ma.post(url("hand_over", other), entered("SN12345678"))
    assert refused.status_code == 422
    page = told(refused.content)
    assert "Another patient wears this device" in page
    assert "DOE" not in page
    assert "MRN-00001" not in page
    assert "See who wears it" in page


def test_the_first_reading_asks_for_its_wearer_on_overview_devices_and_record(
    cast: Cast, ma: Client, jane: UUID
) -> None:
    practice = cast.highland
    device_id, _serial = give_device(practice, jane)
    assignment = assignment_of(practice, jane)
    question = "was it the patient?"
    assert question not in text_of(ma, url("chart", jane))
    with practice.scope(), audit.batch("test", by=practice.system):
        services.record_first_readings([(assignment, timezone.now())], by=practice.system)
    for page in ("chart", "devices", "record"):
        assert question in text_of(ma, url(page, jane))
    doubt = text_of(ma, url("wearer_doubt", jane, assignment))
    assert reverse("devices:release", args=[device_id]) in doubt
    assert "Call the patient" in doubt
    answer = ma.post(url("wearer_confirm", jane, assignment))
    assert (answer.status_code, answer.url) == (302, url("chart", jane))
    for page in ("chart", "devices", "record"):
        assert question not in text_of(ma, url(page, jane))
    assert ma.post(url("wearer_confirm", jane, assignment)).status_code == 404


def test_the_devices_of_a_patient_are_one_disclosure(cast: Cast, ma: Client, jane: UUID) -> None:
    give_device(cast.highland, jane)
    before = AuditLog.objects.count()
    ma.get(url("devices", jane))
    new = list(AuditLog.objects.order_by("sequence"))[before:]
    assert [row.action for row in new] == ["patient.devices"]


def test_the_low_oxygen_target_is_a_clinicians_choice(cast: Cast, ma: Client, provider: Client, jane: UUID) -> None:
    address = url("thresholds_choose", jane)
    refused = ma.post(address, {"profile": "oxygen_88_92"})
    assert refused.status_code == 422
    assert "may change thresholds" in refused.content.decode()
    assert provider.post(address, {"profile": "oxygen_88_92"}).status_code == 302
    assert Patient._base_manager.get(id=jane).clinical_flag("oxygen_target_low")
    assert "Oxygen target 88–92 %" in text_of(ma, url("record", jane))


def test_a_day_to_come_is_refused_by_its_field(ma: Client, jane: UUID) -> None:
    tomorrow = (date.today() + timedelta(days=2)).isoformat()  # noqa: DTZ011
    answer = ma.post(
        url("consent_record", jane),
        {"version": "RPM-2026-01", "language": "en", "method": "verbal", "given_on": tomorrow, "given_by": "Jane Doe"},
    )
    assert answer.status_code == 422
    assert "in the future" in answer.content.decode()
