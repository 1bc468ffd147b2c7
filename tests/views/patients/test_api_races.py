"""Several people at once over the API: no number is given twice, and of two who change one patient one hears of it."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.core.patients.models import Patient
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.views.patients.wire import JSON, create, one, replace

AT_ONCE = 6

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def several_writers() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and its test database lives in one thread")


def at_once(cast: Cast, ask: Callable[[Client, int], Any]) -> list[Any]:
    """The answers to people of one practice who all ask at the same moment."""
    clients = [cast.highland.client("admin") for _ in range(AT_ONCE)]
    start = Barrier(AT_ONCE)

    def run(number: int) -> Any:
        try:
            start.wait()
            return ask(clients[number], number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_no_number_is_given_twice(cast: Cast) -> None:
    answers = at_once(cast, lambda client, number: [create(client).json()["mrn"] for _ in range(4)])
    given = sorted(mrn for answer in answers for mrn in answer)
    assert given == [f"MRN-{number:05d}" for number in range(1, AT_ONCE * 4 + 1)]


@pytest.mark.parametrize("field", ["mrn", "external_id"])
def test_of_several_who_give_the_same_number_one_gets_it(cast: Cast, field: str) -> None:
    answers = at_once(cast, lambda client, number: create(client, **{field: "SAME-7"}))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: AT_ONCE - 1}
    assert {tuple(answer.json()["errors"]) for answer in answers if answer.status_code == 409} == {(field,)}
    assert Patient._base_manager.count() == 1


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}])
def test_of_several_who_change_what_they_read_one_succeeds(cast: Cast, headers: dict[str, str]) -> None:
    patient = enrol_patient(cast.highland)
    body = {} if headers else {"version": 1}
    answers = at_once(
        cast, lambda client, number: replace(client, patient, headers, first_name=f"Name{chr(97 + number)}", **body)
    )
    refused = 412 if headers else 409
    assert Counter(answer.status_code for answer in answers) == {200: 1, refused: AT_ONCE - 1}
    assert {answer.json()["current_version"] for answer in answers if answer.status_code == refused} == {2}
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert cast.highland.client("admin").get(one(patient)).json() == winner


def test_of_several_who_archive_one_does(cast: Cast) -> None:
    patient = enrol_patient(cast.highland)
    answers = at_once(
        cast,
        lambda client, number: client.post(f"{one(patient)}archive/", {"reason": f"why {number}"}, content_type=JSON),
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: AT_ONCE - 1}
    (first,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert {answer.json()["archived_at"] for answer in answers if answer.status_code == 409} == {first["archived_at"]}
