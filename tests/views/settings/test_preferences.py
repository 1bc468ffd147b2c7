"""The settings page of a practice."""

from datetime import time

import pytest
from django.test import Client

from apps.authentication.services.people import deactivate_member
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.settings.selectors import get_preferences
from apps.settings.types import MrnPattern, PracticePreferences, SearchMode
from tests.cast import Cast

PAGE = "/settings/"
CHOSEN = {
    "mrn_pattern": "yearly",
    "search_mode": "exact",
    "only_administrators_reactivate": "on",
    "retention_years": "7",
    "retention_years_by_state": "ma 20\nTX 10",
    "service_starts": "07:30",
    "service_ends": "19:00",
    "service_days": ["0", "1", "5"],
    "critical_clock_minutes": "20",
    "warning_clock_minutes": "120",
    "critical_clock_always": "on",
    "ladder_1": "provider",
    "ladder_2": "clinical_manager",
}


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.highland.client("admin")


def held(cast: Cast) -> PracticePreferences:
    with cast.highland.scope():
        return get_preferences()


def test_the_page_says_what_a_thief_would_learn(admin):
    page = admin.get(PAGE).content.decode()
    assert page.count("thief") >= 2
    assert "without its keys" in page
    assert "Only administrators may reactivate" in page


def test_what_is_chosen_holds_and_is_recorded_with_what_held_before(cast, admin):
    assert admin.post(PAGE, CHOSEN).status_code == 302
    assert held(cast) == PracticePreferences(
        MrnPattern.YEARLY,
        time(7, 30),
        time(19),
        (0, 1, 5),
        SearchMode.EXACT,
        True,
        7,
        {"MA": 20, "TX": 10},
        holds_back_warnings=False,
        critical_clock_minutes=20,
        warning_clock_minutes=120,
        critical_clock_always=True,
        escalation_ladder=("provider", "clinical_manager"),
    )
    shown = admin.get(PAGE).content.decode()
    assert "MA 20\nTX 10" in shown
    assert admin.post(PAGE, CHOSEN | {"retention_years": "8"}).status_code == 302
    rows = AuditLog.objects.filter(action="practice.preferences_change").order_by("sequence")
    (change,) = open_detail(rows.last())["rows"]
    assert (change["before"], change["after"]) == ({"retention_years": 7}, {"retention_years": 8})
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"retention_years": "5"}, "greater than or equal to 6"),
        ({"retention_years_by_state": "Massachusetts"}, "is not a state of two letters"),
        ({"retention_years_by_state": "ZZ 9"}, "does not begin with a state"),
        ({"retention_years_by_state": "MA 3"}, "between 6 and 100 years"),
        ({"retention_years_by_state": "MA 9\nMA 8"}, "for the second time"),
        ({"service_ends": "07:00"}, "This must be later than the beginning."),
        ({"service_days": []}, "This field is required"),
        ({"ladder_2": "provider"}, "This step stands on the ladder already."),
        ({"ladder_1": ""}, "This field is required"),
        ({"ladder_1": "00000000-0000-0000-0000-000000000000"}, "Select a valid choice"),
        ({"critical_clock_minutes": "0"}, "greater than or equal to 5"),
        ({"search_mode": "plain"}, "Select a valid choice"),
    ],
)
def test_a_wrong_choice_changes_nothing(cast, admin, given, words):
    answer = admin.post(PAGE, CHOSEN | given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert held(cast) == PracticePreferences()


def test_a_step_of_somebody_who_left_says_so_and_stays_until_another_is_chosen(cast, admin):
    provider = cast.highland.people["provider"]
    assert admin.post(PAGE, CHOSEN | {"ladder_1": str(provider)}).status_code == 302
    assert "has left: choose again" not in admin.get(PAGE).content.decode()
    with cast.highland.scope():
        deactivate_member(user_id=provider, by=cast.highland.actor("admin"))
    page = admin.get(PAGE).content.decode()
    assert f'<option value="{provider}" selected>Provider of Highland Primary Care has left: choose again<' in page
    assert page.count(f'value="{provider}"') == 1
    unchanged = CHOSEN | {"ladder_1": str(provider), "retention_years": "9"}
    assert admin.post(PAGE, unchanged).status_code == 302
    assert held(cast).escalation_ladder == (str(provider), "clinical_manager")
    assert held(cast).retention_years == 9
    assert admin.post(PAGE, CHOSEN | {"ladder_2": str(provider)}).status_code == 422
    assert admin.post(PAGE, CHOSEN).status_code == 302
    assert "has left" not in admin.get(PAGE).content.decode()


@pytest.mark.parametrize("role", ["clinical_manager", "provider", "nurse", "ma", "biller", "patient"])
def test_it_is_the_administrators(cast, role):
    client = cast.highland.client(role)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, CHOSEN).status_code == 403
    assert 'href="/settings/"' not in client.get("/patients/").content.decode()
    assert held(cast) == PracticePreferences()


def test_administrators_find_it_in_their_menu(admin):
    assert 'href="/settings/"' in admin.get("/patients/").content.decode()


def test_what_changes_nothing_leaves_no_row(admin):
    admin.post(PAGE, CHOSEN)
    before = AuditLog.objects.count()
    assert admin.post(PAGE, CHOSEN).status_code == 302
    assert AuditLog.objects.count() == before
