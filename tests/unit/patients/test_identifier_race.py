"""A number of another system that several people bring at once is one patient's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from django.db import connection

from apps.core.patients import services
from apps.core.patients.models import ExternalIdentifier, Patient
from apps.core.patients.types import IdentifierInput, IdentifierTaken
from apps.foundation.audit.services import verify_chain
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor

PEOPLE = 8
pytestmark = pytest.mark.django_db(transaction=True)


def test_one_of_those_who_bring_it_at_once_has_it() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and its test database lives in one thread")
    practice_id = register_practice(name="Harbor", time_zone="America/New_York")
    numbers = [IdentifierInput("epic", "E-1"), IdentifierInput("cerner", "C-1")]

    def bring(person: int) -> UUID | None:
        try:
            with scope(practice_id):
                return services.register_patient(
                    first_name="A",
                    last_name="B",
                    date_of_birth=date(1960, 1, 1),
                    mrn=f"M-{person}",
                    identifiers=numbers if person % 2 else numbers[::-1],
                    by=Actor.system("test"),
                )
        except IdentifierTaken:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        brought = [found for found in pool.map(bring, range(PEOPLE)) if found]
    assert len(brought) == 1
    with scope(practice_id):
        assert [row.id for row in Patient.objects.all()] == brought
        assert {row.patient_id for row in ExternalIdentifier.objects.all()} == set(brought)
    assert verify_chain(practice_id).ok
