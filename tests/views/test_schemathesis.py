"""Every operation of the API's document, asked what it does not expect: it never breaks, and answers as described.

By role, on the WSGI application itself. VANTREXIA_FUZZ_EXAMPLES asks each operation more often than a usual run does.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.core.triage.selectors import open_alerts
from apps.ingestion.services import accept_transmission, process_due_transmissions
from apps.mio_integration.services import read_envelope
from tests.cast import PASSWORD, Cast, CastPractice
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

EXAMPLES = int(os.environ.get("VANTREXIA_FUZZ_EXAMPLES", "5"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
Credentials = tuple[dict[str, str], dict[str, str]]
# What a machine signs has tests of its own; a signature is not guessed.
SIGNED = "/webhook/"
MODES = [HypothesisTestMode.EXAMPLES, HypothesisTestMode.COVERAGE, HypothesisTestMode.FUZZING]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document without `default`, for only what is named counts, and without tokens, which the asker has."""
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    made: dict[str, Any] = json.loads(out.getvalue())
    for path in made["paths"].values():
        for operation in path.values():
            operation["responses"].pop("default", None)
            operation.pop("security", None)
    made["components"].pop("securitySchemes", None)
    return made


@contextmanager
def one_connection() -> Iterator[None]:
    """Inside, a request of the bare application leaves the connection open that the test's transaction is on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


class Asker:
    """One person, or nobody, who asks every operation; every second time about something that is really there."""

    def __init__(self, things: Mapping[str, object], headers: dict[str, str], cookies: dict[str, str]) -> None:
        self.headers, self.cookies = headers, cookies
        self.things = {name: str(value) for name, value in things.items()}
        self.asked = 0
        self.seen: set[int] = set()

    def ask(self, case: schemathesis.Case) -> None:
        """The answer is as described, or an exception says why not."""
        self.asked += 1
        parameters = dict(case.path_parameters or {})
        if self.asked % 2:
            parameters |= {name: self.things[name] for name in parameters if name in self.things}
            case.path_parameters = parameters
        answer = case.call(headers=self.headers, cookies=self.cookies)
        self.seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    def ask_all(self, document: dict[str, Any]) -> list[str]:
        """What is wrong, a text each."""
        faults = []
        schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig())
        schema.app = WSGIHandler()
        for found in schema.get_all_operations():
            operation = found.ok()
            if SIGNED in operation.path:
                continue
            test = create_test(
                operation=operation,
                test_func=self.ask,
                config=HypothesisTestConfig(
                    project=schema.config,
                    modes=MODES,
                    seed=20260501,
                    settings=hypothesis.settings(
                        max_examples=EXAMPLES,
                        deadline=None,
                        database=None,
                        derandomize=False,
                        suppress_health_check=list(hypothesis.HealthCheck),
                        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
                        report_multiple_bugs=False,
                    ),
                ),
            )
            try:
                test()
            except FailureGroup as group:
                faults += [f"{operation.label}: {fault}" for fault in group.exceptions]
            except Exception as fault:
                faults.append(f"{operation.label}: {type(fault).__name__} {fault}")
        return faults


def things_of(practice: CastPractice) -> dict[str, object]:
    """What an address can name: a patient with an open alert."""
    patient_id = enrol_patient(practice, assigned_provider_id=practice.people["provider"])
    _device, serial = give_device(practice, patient_id)
    body = mioconnect.encode(mioconnect.delivery(mioconnect.blood_pressure(serial, 192, 124)))
    accept_transmission(body=body, envelope=read_envelope(body=body))
    process_due_transmissions()
    with practice.scope():
        alert = next(iter(open_alerts(patient_id, by=practice.system)))
    return {"patient_id": patient_id, "alert_id": alert.id}


def signed_in_by_browser(practice: CastPractice, person: str) -> Credentials:
    """What a page's script sends: the session, and the token that another site can't read."""
    session = practice.client(person).cookies[settings.SESSION_COOKIE_NAME].value
    token = _get_new_csrf_string()
    return {"X-CSRFToken": token}, {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: token}


def signed_in_by_token(practice: CastPractice, person: str) -> Credentials:
    """What a program sends in which the person signed in."""
    body = {"email": practice.email(person), "password": PASSWORD}
    answer = Client().post("/api/v1/auth/login/", body, content_type="application/json")
    return {"Authorization": f"Bearer {answer.json()['access']}"}, {}


SIGN_IN: dict[str, Callable[[CastPractice, str], Credentials]] = {
    "admin": signed_in_by_browser,
    "nurse": signed_in_by_token,
    "nobody": lambda practice, person: ({}, {}),
}


@pytest.mark.django_db
@pytest.mark.timeout(900)
@pytest.mark.parametrize("person", SIGN_IN)
def test_every_operation_answers_as_it_is_described(person: str, cast: Cast, document: dict[str, Any]) -> None:
    asker = Asker(things_of(cast.highland), *SIGN_IN[person](cast.highland, person))
    with one_connection():
        faults = asker.ask_all(document)
    assert not faults, f"{len(faults)} of {asker.asked}:\n" + "\n\n".join(faults)
    assert asker.asked > 200
    assert (200 in asker.seen) is (person != "nobody"), "signing in did not work: then nothing was tested"
