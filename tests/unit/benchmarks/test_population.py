"""The people that the board is measured with are as if they had been enrolled and had measured."""

import pytest

from apps.core.triage import selectors
from apps.core.triage.types import BoardFilters
from apps.foundation.tenancy.services import scope
from benchmarks.pages import monitored


@pytest.mark.django_db(transaction=True)
def test_everybody_filled_in_is_on_the_board_with_a_reading() -> None:
    clinic = monitored(3)
    with scope(clinic.id):
        page = selectors.board_page(filters=BoardFilters(), by=clinic.actor)
    assert {row.patient_id for row in page.rows} == set(clinic.patients)
    assert all(row.score is not None and row.latest for row in page.rows)
