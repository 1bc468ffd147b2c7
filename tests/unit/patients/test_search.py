"""The list and its search: what the index proposes, what is shown, and what is recorded."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from apps.authentication.rules import permissions_of
from apps.authentication.services import register_user
from apps.authentication.types import Role
from apps.core.care import services as care
from apps.core.patients import selectors, services
from apps.core.patients.types import PatientFilters, PatientStatus, RiskLevel, TriageSummary
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditSubject
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor, NotPermitted

FIRST = ["Ann", "Anna", "José", "Li", "Wolfgangamadeus", "Mary Jane", "Zoë", "Łukasz"]
LAST = ["O'Neill", "Smith-Jones", "Doe", "Ng", "Anderson", "Wolfeschlegel", "Müller"]


def found(query: str, by: Actor, **limits: object) -> set[UUID]:
    page = selectors.patient_page(filters=PatientFilters(query=query, **limits), page_size=100, by=by)
    return {row.id for row in page.rows}


@pytest.mark.parametrize(
    "query",
    ["jane", "JANE", "jan", "doe", "smith", "doe-smith", "doesmith", "DoeSm", "jane doe", "smith jane", "MRN-00001",
     "mrn00001", "5550101234", "15550101234", "+1 (555) 010-1234", "555 010 1234", "010-1234", "jane 010 1234",
     "jane MRN-00001", "jane@example.org", "JANE@Example.ORG", "jane jane@example.org"],
)  # fmt: skip
def test_a_patient_is_found(jane: UUID, nurse: Actor, query: str) -> None:
    assert found(query, nurse) == {jane}


@pytest.mark.parametrize(
    "query",
    ["ja", "ane", "janet", "jane miller", "MRN-0000", "MRN-00002", "5550101235", "1234", "jane@example.com",
     "jane@", "example.org", "--"],
)  # fmt: skip
def test_a_patient_is_not_found(jane: UUID, nurse: Actor, query: str) -> None:
    assert found(query, nurse) == (set() if query != "--" else {jane})


def test_a_common_name_is_found_with_and_without_its_accents(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    people: dict[tuple[str, str], UUID] = {}
    for first in FIRST:
        for last in LAST:
            people[first, last] = services.register_patient(
                first_name=first, last_name=last, date_of_birth=date(1960, 1, 1), by=system
            )

    def named(**wanted: str) -> set[UUID]:
        return {i for (f, n), i in people.items() if wanted.get("first", f) == f and wanted.get("last", n) == n}

    assert found("jose", nurse) == found("JOSÉ", nurse) == named(first="José")
    assert found("oneill", nurse) == found("O’Neill", nurse) == named(last="O'Neill")
    assert found("mu\u0308ller zoe", nurse) == named(first="Zoë", last="Müller")
    assert found("li", nurse) == named(first="Li")
    assert found("l", nurse) == set()
    assert found("ann", nurse) == named(first="Ann") | named(first="Anna")
    assert found("mary jane ng", nurse) == named(first="Mary Jane", last="Ng")
    assert found("wolfgangama", nurse) == found("wolfgangamadeus", nurse) == named(first="Wolfgangamadeus")
    assert found("wolfgangamx", nurse) == set()
    assert found("lukasz", nurse) == named(first="Łukasz")
    assert len(people) == len(FIRST) * len(LAST)


def test_filters_combine(jane: UUID, practice: UUID, system: Actor, nurse: Actor) -> None:
    provider_id = register_user(
        email="p@example.org",
        full_name="Pat Provider",
        password="Correct-Horse-7-Staple",
        practice_id=practice,
        role=Role.PROVIDER,
        by=system,
    )
    john = services.register_patient(
        first_name="John",
        last_name="Doe",
        date_of_birth=date(1948, 1, 1),
        assigned_provider_id=provider_id,
        by=system,
    )
    device = services.register_device(serial="77001234", serial_again="77001234", model="UC-352BLE", by=system)
    services.assign_device(device_id=device, patient_id=john, starts_at=datetime(2026, 1, 1, tzinfo=UTC), by=system)
    with audit.batch("test", by=system):
        services.record_triage_summaries([TriageSummary(john, 80, RiskLevel.CRITICAL, open_alerts=2)], by=system)

    assert found("doe", nurse) == {jane, john}
    assert found("doe", nurse, risk_level=RiskLevel.CRITICAL) == {john}
    assert found("doe", nurse, has_device=True) == {john}
    assert found("doe", nurse, has_device=False) == {jane}
    assert found("", nurse, assigned_to=provider_id) == {john}
    assert found("jane", nurse, assigned_to=provider_id) == set()
    care.archive_patient(patient_id=jane, reason="Moved", by=nurse, now=timezone.now())
    assert found("doe", nurse) == {john}
    assert found("doe", nurse, status=PatientStatus.ARCHIVED) == {jane}
    assert found("doe", nurse, status=None) == {jane, john}


def test_orders(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    ids = {
        last: services.register_patient(first_name="A", last_name=last, date_of_birth=date(1950, 1, 1), by=system)
        for last in ("Baker", "adams", "Clark")
    }
    with audit.batch("test", by=system):
        services.record_triage_summaries(
            [TriageSummary(ids["adams"], 10, RiskLevel.NORMAL), TriageSummary(ids["Clark"], 90, RiskLevel.CRITICAL)],
            by=system,
        )

    def order(name: str, **page: int) -> list[str]:
        shown = selectors.patient_page(filters=PatientFilters(ordering=name), by=nurse, **page)
        return [row.display_name.split(",")[0] for row in shown.rows]

    assert order("name") == ["ADAMS", "BAKER", "CLARK"]
    assert order("-name") == ["CLARK", "BAKER", "ADAMS"]
    assert order("-risk") == ["CLARK", "ADAMS", "BAKER"]
    assert order("created") == ["BAKER", "ADAMS", "CLARK"]
    assert order("name", page=2, page_size=2) == ["CLARK"]
    assert order("name", page=9, page_size=2) == ["CLARK"]


def test_the_rows_shown_are_recorded_and_no_others(jane: UUID, system: Actor, nurse: Actor) -> None:
    hidden = services.register_patient(first_name="Hid", last_name="Den", date_of_birth=date(1950, 1, 1), by=system)
    second = services.register_patient(first_name="Jane", last_name="Roe", date_of_birth=date(1950, 1, 1), by=system)
    selectors.patient_page(filters=PatientFilters(query="jane"), by=nurse)
    recorded = set(AuditSubject.objects.filter(log__action="patient.list").values_list("subject_id", flat=True))
    assert recorded == {jane, second}
    assert hidden not in recorded


def test_a_name_tag_differs_between_practices(jane: UUID, stranger: UUID, system: Actor) -> None:
    with scope(stranger):
        assert selectors.patient_page(filters=PatientFilters(query="jane"), by=system).total == 0


def test_the_list_needs_the_permission(jane: UUID, practice: UUID) -> None:
    portal = Actor(None, practice, "patient", permissions_of(Role.PATIENT))
    with pytest.raises(NotPermitted):
        selectors.search_patients(filters=PatientFilters(), by=portal)


def test_a_page_costs_the_same_for_three_and_for_thirty(
    in_practice: UUID, system: Actor, nurse: Actor, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    def register(count: int) -> None:
        for number in range(count):
            services.register_patient(
                first_name="Jane", last_name=f"Doe{number}", date_of_birth=date(1950, 1, 1), by=system
            )

    def page() -> None:
        selectors.patient_page(filters=PatientFilters(query="jane"), page_size=100, by=nurse)

    register(3)
    page()
    with django_assert_num_queries(QUERIES_OF_A_PAGE):
        page()
    register(27)
    with django_assert_num_queries(QUERIES_OF_A_PAGE):
        page()


QUERIES_OF_A_PAGE = 7 if connection.vendor == "postgresql" else 9
"""Mode, index, rows; the disclosure: savepoint, chain, log row, subjects, chain (three in one there), release."""
