"""Numbers given out by several people at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from apps.core.patients import services
from apps.core.patients.models import Patient
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor

PEOPLE, EACH = 6, 4


@pytest.mark.django_db(transaction=True)
def test_people_at_once_never_get_the_same_number() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and its test database lives in one thread")
    practice_id = register_practice(name="Harbor", time_zone="America/New_York")

    def register(person: int) -> None:
        try:
            with scope(practice_id):
                for _ in range(EACH):
                    services.register_patient(
                        first_name="A", last_name="B", date_of_birth=date(1960, 1, 1), by=Actor.system("test")
                    )
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(register, range(PEOPLE)))
    with scope(practice_id):
        numbers = sorted(patient.mrn for patient in Patient.objects.all())
    assert numbers == [f"MRN-{n:05d}" for n in range(1, PEOPLE * EACH + 1)]
