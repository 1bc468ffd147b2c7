"""A patient of the practice with an account of their own, as the portal's tests find them."""

from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.portal import open_account, own_client


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def jane(practice: CastPractice) -> UUID:
    return enrol_patient(practice, first_name="Jane", last_name="Doe")


@pytest.fixture
def janes(practice: CastPractice, jane: UUID) -> Client:
    return own_client(open_account(practice, jane))
