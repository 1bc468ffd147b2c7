"""The board: rows by urgency, filters, the poll, acting in place, and a constant number of queries."""

from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.core.triage.models import Alert
from apps.core.triage.selectors import board_stamp
from apps.foundation.audit import services as audit
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

BOARD = "/triage/"
CHANGES = "/triage/changes/"
HTMX = {"HX-Request": "true", "X-Vantrexia-Poll": "1"}


@pytest.fixture
def patient(cast: Cast) -> UUID:
    """Sam Okafor with 184/122 just now: critical, 76."""
    patient_id = enrol_patient(cast.highland, first_name="Sam", last_name="Okafor", mrn="MRN-00042")
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now, 184, 122, 71)], now)
    return patient_id


@pytest.fixture
def calm(cast: Cast) -> UUID:
    """Ida Lindqvist, in range."""
    patient_id = enrol_patient(cast.highland, first_name="Ida", last_name="Lindqvist")
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now, 118, 74)], now)
    return patient_id


@pytest.fixture
def provider(cast: Cast) -> Client:
    return cast.highland.client("provider")


def alert_of(patient_id: UUID) -> Alert:
    return Alert._base_manager.get(patient_id=patient_id)


def act(client: Client, patient_id: UUID, step: str, entered=None, alert_id=None, **headers):
    url = reverse(f"triage:{step}", args=[patient_id, alert_id or alert_of(patient_id).id])
    return client.post(url, {"seen": "0"} | (entered or {}), headers=headers)


def stamp(cast: Cast) -> str:
    with cast.highland.scope():
        return board_stamp()


def test_a_row_says_who_why_what_and_how_old(provider, patient):
    page = provider.get(BOARD).content.decode()
    assert "OKAFOR, SAM" in page
    assert "MRN-00042" in page
    assert ">76<" in page
    assert "184/122" in page
    assert "mmHg" in page
    assert "just now" in page
    assert " left<" in page
    assert reverse("patients:chart", args=[patient]) in page


def test_the_critical_come_first_and_the_calm_say_no_severity(provider, calm, patient):
    page = provider.get(BOARD).content.decode()
    assert page.index(f'id="row-{patient}"') < page.index(f'id="row-{calm}"')
    assert "badge--" not in page[page.index(f'id="row-{calm}"') :].partition("</ol>")[0]


def test_a_level_in_the_address_narrows_the_list(provider, calm, patient):
    page = provider.get(BOARD, {"level": "critical"}).content.decode()
    assert f'id="row-{patient}"' in page
    assert f'id="row-{calm}"' not in page
    assert 'aria-current="true"' in page


def test_a_search_is_posted_and_an_address_cannot_carry_one(provider, calm, patient):
    posted = provider.post(BOARD, {"query": "okafor"}).content.decode()
    assert f'id="row-{patient}"' in posted
    assert f'id="row-{calm}"' not in posted
    assert f'id="row-{calm}"' in provider.get(BOARD, {"query": "okafor"}).content.decode()


def test_my_panel_shows_my_patients_and_the_load(cast, patient):
    mine = enrol_patient(cast.highland, last_name="Mine", assigned_provider_id=cast.highland.people["provider"])
    page = cast.highland.client("provider").get(BOARD, {"panel": "mine"}).content.decode()
    assert f'id="row-{mine}"' in page
    assert f'id="row-{patient}"' not in page
    assert "1 of 100" in page


def test_nobody_and_nobody_matching_are_told_apart(provider):
    assert "Nobody is monitored yet" in provider.get(BOARD).content.decode()
    assert "Nobody matches" in provider.post(BOARD, {"query": "zzz"}).content.decode()


def test_nonsense_in_the_filters_shows_the_whole_board(provider, patient):
    page = provider.get(BOARD, {"level": "purple", "page": "-3", "panel": "yours"})
    assert page.status_code == 200
    assert f'id="row-{patient}"' in page.content.decode()


def test_a_poll_without_news_is_204_and_opens_nothing(cast, provider, patient):
    current = stamp(cast)
    provider.post(CHANGES, {"stamp": current}, headers=HTMX)
    with CaptureQueriesContext(connection) as queries:
        response = provider.post(CHANGES, {"stamp": current}, headers=HTMX)
    assert response.status_code == 204
    assert not response.content
    asked = " ".join(query["sql"] for query in queries).lower()
    assert "patients_patient" not in asked
    assert "triage_triagestate" not in asked
    assert "audit" not in asked


def test_a_poll_with_news_brings_rows_cards_and_the_new_stamp(cast, provider, patient):
    response = provider.post(CHANGES, {"stamp": "old"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert f'id="row-{patient}"' in page
    assert 'id="cards"' in page
    assert f'value="{stamp(cast)}"' in page
    assert "<html" not in page


def test_a_poll_keeps_the_filters(cast, provider, calm, patient):
    page = provider.post(CHANGES, {"stamp": "old", "level": "critical"}, headers=HTMX).content.decode()
    assert f'id="row-{calm}"' not in page


def test_acknowledging_answers_with_the_row_and_moves_the_stamp(cast, provider, patient):
    before = stamp(cast)
    response = act(provider, patient, "acknowledge", HX_Request="true")
    page = response.content.decode()
    assert response.status_code == 200
    assert page.strip().startswith(f'<li id="row-{patient}"')
    assert "acknowledged by you" in page
    assert 'data-act="acknowledge"' not in page
    assert stamp(cast) != before


def test_the_second_is_told_who_has_it(cast, provider, patient):
    act(cast.highland.client("nurse"), patient, "acknowledge", HX_Request="true")
    response = act(provider, patient, "acknowledge", HX_Request="true")
    assert response.status_code == 409
    assert "Being handled by Nurse of Highland Primary Care" in response.content.decode()
    assert alert_of(patient).acknowledged_by == cast.highland.people["nurse"]


def test_without_script_a_step_leads_back_and_says_what_happened(provider, patient):
    response = act(provider, patient, "acknowledge")
    assert response.status_code == 302
    assert response.url == BOARD
    assert "Acknowledged." in provider.get(BOARD).content.decode()


def test_the_way_back_never_leaves_the_house(provider, patient):
    for evil in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        assert act(provider, patient, "acknowledge", {"next": evil}).url == BOARD


def test_a_step_on_the_chart_answers_with_the_panel(provider, patient):
    response = act(provider, patient, "acknowledge", {"origin": "chart"}, HX_Request="true")
    assert 'id="alerts"' in response.content.decode()
    assert "acknowledged by you" in response.content.decode()


def test_snoozing_needs_a_reason_and_a_time(provider, patient):
    response = act(provider, patient, "snooze", {"hours": "2"}, HX_Request="true")
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#dialog"
    assert alert_of(patient).snoozed_until is None
    act(provider, patient, "snooze", {"hours": "2", "reason": "called, resting"}, HX_Request="true")
    until = alert_of(patient).snoozed_until
    assert until is not None
    assert abs(until - timezone.now() - timedelta(hours=2)) < timedelta(minutes=1)


def test_a_critical_alert_is_offered_hours_only_and_takes_no_more(provider, patient):
    url = reverse("triage:snooze", args=[patient, alert_of(patient).id])
    page = provider.get(url).content.decode()
    assert "4 hours" in page
    assert "7 days" not in page
    assert act(provider, patient, "snooze", {"hours": "168", "reason": "x"}).status_code == 422


def test_resolving_closes_the_alert_and_the_score_follows(provider, patient):
    assert act(provider, patient, "resolve", {"code": "other", "note": " "}, HX_Request="true").status_code == 422
    response = act(provider, patient, "resolve", {"code": "called_advice", "note": ""}, HX_Request="true")
    assert response.status_code == 200
    assert response["HX-Trigger"] == "close-dialog"
    assert alert_of(patient).closed_at is not None
    assert 'data-act="resolve"' not in response.content.decode()


def test_the_dialog_opens_as_a_page_too(provider, patient):
    url = reverse("triage:resolve", args=[patient, alert_of(patient).id])
    assert "<html" in provider.get(url).content.decode()
    assert "<html" not in provider.get(url, headers={"HX-Request": "true", "HX-Target": "dialog"}).content.decode()


@pytest.mark.parametrize("seen", ["0", "", "x", "-1", None])
@pytest.mark.parametrize("step", ["acknowledge", "snooze", "resolve"])
def test_a_step_on_what_the_reader_never_saw_is_refused_and_shown(cast, provider, patient, step, seen):
    """The dialog stood open with 184/122; meanwhile 230/140 came in."""
    now = timezone.now()
    with cast.highland.scope():
        send(patient, [pressure(now, 230, 140)], now)
    entered = {"hours": "1", "reason": "asleep", "code": "called_advice", "note": ""} | {"seen": seen or ""}
    response = act(provider, patient, step, entered, HX_Request="true")
    page = response.content.decode()
    assert response.status_code == 409
    assert response["HX-Trigger"] == "close-dialog"
    assert "The alert has become worse since you opened it" in page
    assert "230/140" in page
    assert alert_of(patient).state == "new"
    assert act(provider, patient, step, entered | {"seen": "1"}, HX_Request="true").status_code == 200


def test_a_form_that_says_nothing_has_seen_nothing(provider, patient):
    url = reverse("triage:acknowledge", args=[patient, alert_of(patient).id])
    assert provider.post(url, headers={"HX-Request": "true"}).status_code == 409
    assert alert_of(patient).acknowledged_at is None


def test_every_form_carries_what_is_seen(cast, provider, patient):
    now = timezone.now()
    with cast.highland.scope():
        send(patient, [pressure(now, 230, 140)], now)
    carried = '<input type="hidden" name="seen" value="1">'
    assert 'name="seen" value="1"' in provider.get(BOARD).content.decode()
    for step in ("snooze", "resolve"):
        url = reverse(f"triage:{step}", args=[patient, alert_of(patient).id])
        assert carried in provider.get(url).content.decode()
    wrong = act(provider, patient, "resolve", {"code": "other", "note": ""}, HX_Request="true")
    assert '<input type="hidden" name="seen" value="0">' in wrong.content.decode(), "a faulty form keeps what it saw"


def test_open_alerts_stand_on_the_chart_however_many_came_after(cast, provider, patient):
    old = alert_of(patient)
    with cast.highland.scope(), audit.batch("test", by=cast.highland.system):
        Alert.objects.bulk_create(
            Alert(
                patient_id=patient,
                rule="glucose_high",
                severity="warning",
                state="resolved",
                opened_at=old.opened_at + timedelta(minutes=number),
                clock_started_at=old.opened_at,
                spoke_at=old.opened_at,
                closed_at=old.opened_at + timedelta(minutes=number),
                facts={"kind": "glucose", "values": [262], "mark": 0},
            )
            for number in range(1, 61)
        )
    page = provider.get(reverse("triage:alerts", args=[patient])).content.decode()
    assert f'id="alert-{old.id}"' in page
    assert "184/122" in page


def test_times_of_a_patient_elsewhere_are_theirs_and_named(cast, provider):
    patient_id = enrol_patient(cast.highland, time_zone="Pacific/Honolulu")
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now, 184, 122)], now)
    local = now.astimezone(ZoneInfo("Pacific/Honolulu"))
    for panel in ("score", "trends"):
        page = provider.get(reverse(f"triage:{panel}", args=[patient_id])).content.decode()
        assert f"{local:%H:%M} HST" in page, panel
    for until in ("", "0001-01-05", "9999-12-31"):
        days = provider.get(reverse("triage:days", args=[patient_id]), {"until": until}).content.decode()
        assert f"{local:%H:%M} HST" in days, until


def test_an_alert_is_only_found_under_its_own_patient(provider, calm, patient):
    """Two charts open: a form of the one cannot change the other."""
    for step in ("acknowledge", "snooze", "resolve"):
        entered = {"hours": "1", "reason": "x", "code": "called_advice"}
        assert act(provider, calm, step, entered, alert_id=alert_of(patient).id).status_code == 404
    assert alert_of(patient).acknowledged_at is None


def test_another_practice_finds_nothing(cast, patient):
    stranger = cast.lakeside.client("provider")
    assert act(stranger, patient, "acknowledge").status_code == 404
    for panel in ("score", "alerts", "trends", "days", "thresholds"):
        assert stranger.get(reverse(f"triage:{panel}", args=[patient])).status_code == 404
    assert "OKAFOR" not in stranger.get(BOARD).content.decode()


def test_an_unknown_alert_is_404(provider, patient):
    assert act(provider, patient, "acknowledge", alert_id=uuid4()).status_code == 404


def test_an_ma_is_offered_no_snooze_of_a_critical_alert_and_none_is_taken(cast, patient):
    client = cast.highland.client("ma")
    page = client.get(BOARD).content.decode()
    assert f'id="row-{patient}"' in page
    assert 'data-act="snooze"' not in page
    assert act(client, patient, "snooze", {"hours": "1", "reason": "quiet please"}).status_code in (403, 422)
    assert alert_of(patient).snoozed_until is None


def test_a_patient_sees_that_the_portal_is_not_open(cast, patient):
    response = cast.highland.client("patient").get(BOARD)
    assert response.status_code == 403
    page = response.content.decode()
    assert "not open yet" in page
    assert "OKAFOR" not in page


def test_the_parts_add_up_on_the_page(provider, patient):
    response = provider.get(
        reverse("triage:score", args=[patient]), headers={"HX-Request": "true", "HX-Target": f"parts-{patient}"}
    )
    page = response.content.decode()
    assert "= 76" in page
    assert "184/122" in page
    assert "<html" not in page


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize(("few", "many"), [(10, 300)])
def test_the_board_asks_a_constant_number_of_queries(cast, provider, few, many):
    now = timezone.now()

    def enrol(count: int) -> None:
        for number in range(count):
            patient_id = enrol_patient(cast.highland)
            if number % 10 == 0:
                with cast.highland.scope():
                    send(patient_id, [pressure(now, 184, 122)], now)

    enrol(few)
    before = queries_of(provider, BOARD)
    enrol(many - few)
    assert queries_of(provider, BOARD) == before
    assert before <= 19
