"""The pages about the team's work, a notification's way to the chart, "reviewed", and saved views."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.core.triage import services
from apps.core.triage.models import Alert, SavedView, TriageState
from apps.core.triage.selectors import board_stamp
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send
from tests.told import told

HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)


def measured(cast: Cast, systolic: int = 184, **values) -> UUID:
    patient_id = enrol_patient(cast.highland, **values)
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now, systolic, 75)], now)
    return patient_id


def silent(cast: Cast, days: int, **values) -> UUID:
    """A patient whose last reading is so many days old."""
    patient_id = enrol_patient(cast.highland, **values)
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now - days * DAY, 120, 75)], now - days * DAY)
        services.reassess_due(now=now)
    return patient_id


def alert_of(patient_id: UUID) -> Alert:
    return Alert._base_manager.get(patient_id=patient_id)


def test_a_notification_leads_to_the_chart_and_tells_nobody_else_anything(cast):
    patient_id = measured(cast)
    where = reverse("triage:alert", args=[alert_of(patient_id).id])
    answer = cast.highland.client("nurse").get(where)
    assert (answer.status_code, answer.headers["Location"].partition("#")[0]) == (302, f"/patients/{patient_id}/")
    assert cast.lakeside.client("nurse").get(where).status_code == 404
    assert cast.highland.client("patient").get(where).status_code == 403
    assert cast.highland.client("nurse").get(reverse("triage:alert", args=[uuid4()])).status_code == 404


def test_marking_as_reviewed_says_who_and_moves_open_boards(cast):
    patient_id = measured(cast, 118)
    with cast.highland.scope():
        before = board_stamp()
    where = reverse("triage:review", args=[patient_id])
    row = cast.highland.client("ma").post(where, headers=HTMX).content.decode()
    assert "reviewed by Ma of Highland Primary Care" in row
    with cast.highland.scope():
        assert board_stamp() != before
        assert TriageState.objects.get(id=patient_id).reviewed_by == cast.highland.people["ma"]
    assert AuditLog.objects.filter(action="triage.review", subject_id=patient_id).count() == 1
    assert cast.lakeside.client("nurse").post(where).status_code == 404


def test_the_queue_has_who_is_silent_the_longest_first_and_nobody_else(cast):
    two, nine = silent(cast, 2, last_name="Twodays"), silent(cast, 9, last_name="Ninedays")
    measured(cast, 118, last_name="Sends")
    page = cast.highland.client("data_monitor").get("/triage/compliance/").content.decode()
    assert page.index(f"row-{nine}") < page.index(f"row-{two}")
    assert "Step of 7 days reached" in page
    assert "SENDS" not in page
    assert "NINEDAYS" not in cast.lakeside.client("nurse").get("/triage/compliance/").content.decode()
    shown = AuditLog.objects.filter(action="triage.compliance", actor_id=cast.highland.people["data_monitor"])
    assert shown.count() == 1


def test_a_monitor_takes_a_line_in_place_and_cannot_resolve_it(cast):
    patient_id = silent(cast, 4)
    alert = alert_of(patient_id)
    monitor = cast.highland.client("data_monitor")
    page = monitor.get("/triage/compliance/").content.decode()
    assert 'data-act="resolve"' not in page
    where = reverse("triage:acknowledge", args=[patient_id, alert.id])
    line = monitor.post(where, {"seen": "0", "origin": "compliance"}, headers=HTMX).content.decode()
    assert "acknowledged by you" in line
    assert f'id="row-{patient_id}"' in line
    assert "<html" not in line


def test_the_board_counts_the_silent(cast):
    silent(cast, 3)
    assert (
        '>Compliance <span class="count count--quiet">1<'
        in cast.highland.client("nurse").get("/triage/").content.decode()
    )


def test_the_load_counts_panels_alerts_and_what_is_nobodys(cast):
    provider = cast.highland.people["provider"]
    measured(cast, 184, assigned_provider_id=provider)
    measured(cast, 118, assigned_provider_id=provider)
    measured(cast, 190, last_name="Secret")
    page = cast.highland.client("clinical_manager").get("/triage/load/").content.decode()
    line = page[page.index("Provider of Highland Primary Care") :].partition("</tr>")[0]
    assert "2 of 100" in line
    assert "Nobody" in page
    assert "SECRET" not in page
    assert "Highland" not in cast.lakeside.client("nurse").get("/triage/load/").content.decode().partition("<main")[2]


def test_what_waits_past_its_clock_is_counted(cast):
    patient_id = measured(cast, 184, assigned_provider_id=cast.highland.people["provider"])
    Alert._base_manager.filter(patient_id=patient_id).update(clock_due_at=datetime(2020, 1, 1, tzinfo=UTC))
    page = cast.highland.client("nurse").get("/triage/load/").content.decode()
    line = page[page.index("Provider of Highland Primary Care") :].partition("</tr>")[0]
    assert "badge--warning" in line


def test_the_feed_tells_what_colleagues_did_in_words(cast):
    patient_id = measured(cast, last_name="Okafor", first_name="Sam")
    alert = alert_of(patient_id)
    nurse = cast.highland.actor("nurse")
    with cast.highland.scope():
        now = timezone.now()
        services.acknowledge_alert(alert_id=alert.id, patient_id=patient_id, by=nurse, now=now)
        services.resolve_alert(
            alert_id=alert.id, patient_id=patient_id, code="repeat_normal", note="124/78 on repeat", by=nurse, now=now
        )
    page = cast.highland.client("provider").get("/triage/activity/").content.decode()
    assert "OKAFOR, SAM" in page
    assert "Nurse of Highland Primary Care" in page
    assert "Repeat reading was normal" in page
    assert "124/78 on repeat" in page
    assert "alert opened" not in page
    assert "alert opened" in cast.highland.client("provider").get("/triage/activity/?shown=all").content.decode()
    assert "OKAFOR" not in cast.lakeside.client("provider").get("/triage/activity/?shown=all").content.decode()
    assert AuditLog.objects.filter(action="triage.activity").exists()


@pytest.mark.parametrize("path", ["/triage/compliance/", "/triage/load/", "/triage/activity/?shown=all", "/reports/"])
def test_a_page_costs_the_same_queries_for_two_and_for_twelve(cast, path):
    client = cast.highland.client("provider")
    provider = cast.highland.people["provider"]

    def more(count: int) -> None:
        for number in range(count):
            measured(cast, 184, assigned_provider_id=provider if number % 2 else None)
            silent(cast, 3 + number)

    more(2)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    more(10)
    with CaptureQueriesContext(connection) as many:
        assert client.get(path).status_code == 200
    assert len(many) == len(few)


def test_a_view_is_kept_for_oneself_without_the_search(cast):
    nurse = cast.highland.client("nurse")
    entered = {"name": "  Critical, mine ", "level": "critical", "panel": "mine", "waiting": "1", "query": "okafor"}
    answer = nurse.post("/triage/views/save/", entered, follow=True)
    page = answer.content.decode()
    assert "Critical, mine" in page
    assert "?level=critical&amp;panel=mine&amp;waiting=1" in page
    assert "okafor" not in told(page).lower()
    view = SavedView._base_manager.get()
    assert view.criteria == {"level": "critical", "panel": "mine", "waiting": "1"}
    assert "Critical, mine" not in cast.highland.client("ma").get("/triage/").content.decode()
    where = reverse("triage:forget_view", args=[view.id])
    assert cast.highland.client("ma").post(where).status_code == 404
    assert cast.lakeside.client("nurse").post(where).status_code == 404
    nurse.post(where)
    assert not SavedView._base_manager.exists()
    acts = AuditLog.objects.filter(action__startswith="triage.view_").values_list("action", flat=True)
    assert sorted(acts) == ["triage.view_forget", "triage.view_save"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_without_a_name_is_refused_and_the_board_stands(cast, name):
    answer = cast.highland.client("nurse").post("/triage/views/save/", {"name": name, "level": "warning"}, follow=True)
    assert answer.redirect_chain == [("/triage/?level=warning", 302)]
    assert "Nothing was kept" in answer.content.decode()
    assert not SavedView._base_manager.exists()


def test_the_same_name_is_the_same_view_and_twenty_are_enough(cast):
    nurse = cast.highland.client("nurse")
    for level in ("critical", "warning"):
        nurse.post("/triage/views/save/", {"name": "Mine", "level": level})
    assert SavedView._base_manager.get().criteria == {"level": "warning"}
    for number in range(21):
        answer = nurse.post("/triage/views/save/", {"name": f"view {number}"}, follow=True)
    assert "You keep 20 views already" in answer.content.decode()
    assert SavedView._base_manager.count() == 20


@pytest.mark.parametrize(
    ("days", "starts", "ends", "is_hidden"), [("0123456", "00:00", "23:59:59", True), ("", "08:00", "09:00", False)]
)
def test_outside_service_hours_the_board_says_that_nobody_watches(cast, monkeypatch, days, starts, ends, is_hidden):
    from datetime import time

    from apps.core.triage.selectors import watch
    from apps.settings.types import PracticePreferences

    chosen = PracticePreferences(
        service_starts=time.fromisoformat(starts),
        service_ends=time.fromisoformat(ends),
        service_days=tuple(int(day) for day in days),
    )
    monkeypatch.setattr(watch, "get_preferences", lambda: chosen)
    page = cast.highland.client("nurse").get("/triage/").content.decode()
    line = page[page.index("data-watch") :].partition(">")[0]
    assert line.endswith(" hidden") is is_hidden
    assert "nobody watches this board now" in page


def test_the_reports_lead_to_what_the_reader_may_open(cast):
    nurse = cast.highland.client("nurse").get("/reports/").content.decode()
    for name in ("triage:load", "triage:compliance", "care:hand_over", "triage:activity", "billing:monitoring_time"):
        assert f'href="{reverse(name)}"' in nurse
    assert cast.highland.client("patient").get("/reports/").status_code == 403
