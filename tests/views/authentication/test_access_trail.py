"""What is refused, from where somebody came and which practice they entered stands in the audit trail."""

from uuid import uuid4

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.cast import PASSWORD
from tests.factories.patients import enrol_patient


def rows(practice, action):
    return list(AuditLog.objects.filter(practice_id=practice.id, action=action).order_by("sequence"))


def test_a_missing_permission_is_refused_and_recorded_once_a_minute(cast):
    client = cast.highland.client("ma")
    patient_id = enrol_patient(cast.highland)
    address = reverse("triage:resolve", args=[patient_id, uuid4()])
    assert [client.post(address).status_code for _ in range(3)] == [403] * 3
    (row,) = rows(cast.highland, "access.denied")
    assert row.actor_id == cast.highland.people["ma"]
    assert open_detail(row) == {"permission": "alert.resolve", "view": "resolve"}


def test_another_practices_patient_is_not_found_and_recorded(cast):
    foreign = enrol_patient(cast.lakeside)
    assert cast.highland.client("nurse").get(reverse("patients:chart", args=[foreign])).status_code == 404
    (row,) = rows(cast.highland, "access.denied")
    assert open_detail(row)["permission"] == "not found"
    assert rows(cast.lakeside, "access.denied") == []


def test_the_api_records_a_refusal_too(cast):
    assert cast.highland.client("patient").get("/api/v1/triage/patients/").status_code == 403
    assert len(rows(cast.highland, "access.denied")) == 1


@pytest.mark.parametrize(("behind_proxy", "expected"), [(True, "203.0.113.7"), (False, "127.0.0.1")])
def test_the_address_in_the_trail_is_the_callers_and_only_a_proxy_may_name_it(
    cast, client, settings, behind_proxy, expected
):
    settings.BEHIND_PROXY = behind_proxy
    form = {"login": cast.highland.email("nurse"), "password": PASSWORD}
    client.post(reverse("account_login"), form, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    (row,) = rows(cast.highland, "auth.login")
    assert row.ip == expected


def test_a_forwarded_address_that_is_none_is_ignored(cast, client, settings):
    settings.BEHIND_PROXY = True
    form = {"login": cast.highland.email("nurse"), "password": PASSWORD}
    client.post(reverse("account_login"), form, headers={"X-Forwarded-For": "DOE, JANE"})
    (row,) = rows(cast.highland, "auth.login")
    assert row.ip == "127.0.0.1"


def test_entering_another_practice_stands_in_both_trails(cast):
    from apps.authentication.models import Membership

    Membership.objects.create(user_id=cast.highland.people["nurse"], practice_id=cast.lakeside.id, role="nurse")
    client = cast.highland.client("nurse")
    assert client.post("/account/practice/", {"practice": str(cast.lakeside.id)}).status_code == 302
    for practice in (cast.highland, cast.lakeside):
        (row,) = rows(practice, "auth.practice_chosen")
        assert open_detail(row) == {"practice": str(cast.lakeside.id)}


def test_no_page_of_somebody_signed_in_is_stored(cast):
    client = cast.highland.client("nurse")
    for address in (reverse("account_change_password"), "/no-such-page/", reverse("triage:board")):
        assert client.get(address).headers["Cache-Control"] == "no-store"


def test_the_admin_offers_no_model_of_a_package():
    assert [model for model in admin.site._registry if not model.__module__.startswith("apps.")] == []


def test_a_search_of_a_thousand_words_is_refused_or_cut_and_never_breaks(cast):
    client = cast.highland.client("nurse")
    enrol_patient(cast.highland)
    assert client.post(reverse("patients:list"), {"q": "abc " * 1000}).status_code == 200
