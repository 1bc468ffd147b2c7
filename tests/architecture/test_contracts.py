"""The contract of doors can fail: it knows a door from a wall."""

import pytest

from tests.architecture.contracts import app_of, is_open

OPEN = [
    ("apps.core.triage.services.alerts", "apps.core.patients.services"),
    ("apps.core.triage.services", "apps.core.observations.types"),
    ("apps.core.triage.services", "apps.core.triage.models"),
    ("apps.ingestion.services.journey", "apps.core.patients.selectors.devices"),
    ("apps.core.patients.models", "apps.foundation.encryption.fields"),
    ("vantrexia.urls", "apps.core.triage.urls"),
]
WALLS = [
    ("apps.core.triage.services", "apps.core.patients.models"),
    ("apps.core.triage.views", "apps.core.patients.views"),
    ("apps.core.triage.rules", "apps.core.observations.rules"),
    ("apps.ingestion.services.journey", "apps.core.triage.tasks"),
    ("apps.core.patients.services", "apps.foundation.jobs.worker"),
    ("vantrexia.urls", "apps.core.triage.models.alerts"),
    ("vantrexia.urls", "apps.core.triage.forms"),
]


@pytest.mark.parametrize(("importer", "imported"), OPEN)
def test_a_door_is_open(importer, imported):
    assert is_open(importer, imported)


@pytest.mark.parametrize(("importer", "imported"), WALLS)
def test_a_wall_is_closed(importer, imported):
    assert not is_open(importer, imported)


def test_apps_are_told_apart():
    assert app_of("apps.core.triage.services.alerts") == "apps.core.triage"
    assert app_of("apps.ingestion") == "apps.ingestion"
    assert app_of("vantrexia.urls") == "vantrexia"
    assert app_of("apps.core") is None
