"""Production refuses a dangerous configuration, by number, and says what to set."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from vantrexia.checks import configuration, refuse_unsafe_start


@pytest.fixture
def production(settings):
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.SECRET_KEY = "a" * 20 + "0123456789" * 3
    settings.FIELD_ENCRYPTION_KEY = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.ALLOWED_HOSTS = ["app.vantrexia.example"]
    settings.MIO_WEBHOOK_SECRETS = ["w" * 40]
    return settings


def numbers():
    return [problem.id for problem in configuration()]


def test_a_right_configuration_has_no_problem(production):
    assert numbers() == []
    refuse_unsafe_start()


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("FIELD_ENCRYPTION_KEY", [], "E001"),
        ("FIELD_ENCRYPTION_KEY", ["c2hvcnQ="], "E001"),
        ("FIELD_ENCRYPTION_KEY", ["not base64 at all!"], "E001"),
        ("DEBUG", True, "E002"),
        ("SECRET_KEY", "short", "E003"),
        ("SESSION_COOKIE_SECURE", False, "E005"),
        ("CSRF_COOKIE_SECURE", False, "E005"),
        ("ALLOWED_HOSTS", [], "E006"),
        ("ALLOWED_HOSTS", ["*"], "E006"),
        ("MIO_WEBHOOK_SECRETS", ["short"], "E007"),
    ],
)
def test_each_danger_has_its_number_and_stops_the_start(production, name, value, number):
    setattr(production, name, value)
    assert numbers() == [f"vantrexia.{number}"]
    with pytest.raises(ImproperlyConfigured, match=number):
        refuse_unsafe_start()


def test_the_product_does_not_serve_as_the_owner_of_its_tables(production):
    production.AS_OWNER = True
    assert numbers() == [], "the commands that change tables go on"
    with pytest.raises(ImproperlyConfigured, match="E009"):
        refuse_unsafe_start()


def test_the_keys_shipped_for_development_are_refused(production):
    production.SECRET_KEY = production.DEVELOPMENT_SECRET
    production.FIELD_ENCRYPTION_KEY = [production.DEVELOPMENT_FIELD_KEY]
    production.MIO_WEBHOOK_SECRETS = [production.DEVELOPMENT_WEBHOOK_SECRET]
    assert numbers() == ["vantrexia.E003", "vantrexia.E004", "vantrexia.E007"]


@pytest.mark.parametrize(("hosts", "expected"), [(["localhost"], []), (["rpm.example.org"], ["vantrexia.E008"])])
def test_shipped_secrets_serve_no_public_host_even_if_the_mode_was_forgotten(production, hosts, expected):
    production.PRODUCTION = False
    production.FIELD_ENCRYPTION_KEY = [production.DEVELOPMENT_FIELD_KEY]
    production.ALLOWED_HOSTS = hosts
    assert numbers() == expected


def test_no_problem_shows_a_value(production):
    production.SECRET_KEY = "short-but-secret"
    with pytest.raises(ImproperlyConfigured) as caught:
        refuse_unsafe_start()
    assert "short-but-secret" not in str(caught.value)
