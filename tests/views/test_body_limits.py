"""Bodies that are too long, of unsaid length, or read differently by two readers: refused in page and API alike."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast
from tests.views.patients.wire import JSON, PATIENTS, PROBLEM, ROBERT, SEARCH

MEGABYTE = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


@pytest.mark.django_db
@pytest.mark.parametrize("size", [MEGABYTE + 10, settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 10, 5 * MEGABYTE])
def test_a_form_that_is_too_long(nurse: Client, size: int) -> None:
    answer = nurse.post("/patients/", {"query": "x" * size})
    form = nurse.generic("POST", "/patients/", b"query=" + b"x" * size, "application/x-www-form-urlencoded")
    for one in (answer, form):
        assert one.status_code == 413
        text = one.content.decode()
        assert "larger than 1 MB" in text and "Nothing was changed" in text
        assert "x" * 100 not in text


@pytest.mark.django_db
def test_a_file_that_is_too_long_is_not_silently_left_out(nurse: Client) -> None:
    file = SimpleUploadedFile("patient.json", b"x" * 3 * MEGABYTE, "application/json")
    assert nurse.post("/patients/import/", {"file": file}).status_code == 413


@pytest.mark.django_db
def test_a_program_is_told_in_its_own_words(nurse: Client) -> None:
    answer = nurse.generic("POST", PATIENTS, b" " * (2 * MEGABYTE), JSON)
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)
    assert answer.json()["detail"] == "The body is too long."


@pytest.mark.django_db
def test_a_length_that_is_not_said(nurse: Client) -> None:
    for address, kind in ((PATIENTS, PROBLEM), ("/patients/", "text/html; charset=utf-8")):
        answer = nurse.get(address, CONTENT_LENGTH="", headers={"Transfer-Encoding": "chunked"})
        assert (answer.status_code, answer["Content-Type"]) == (411, kind)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        '{"q": "a", "q": "b"}',
        '{"q": "a", "\\u0071": "b"}',
        '{"q": {"a": 1, "a": 2}}',
        '[{"a": 1, "b": [{"c": 1, "c": 1}]}]',
        '{"q": NaN}',
        '{"q": Infinity}',
        '{"q": 1e999}',
        '{"q": "' + "\\u0000" + '"}',
        '{"q": ' + "[" * 900 + "]" * 900 + "}",
        "{} {}",
        "\ufeff{}",
    ],
)
def test_json_that_two_readers_read_differently(nurse: Client, body: str) -> None:
    answer = nurse.generic("POST", SEARCH, body.encode(), JSON)
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM), answer.content


@pytest.mark.django_db
def test_the_same_key_in_two_objects_is_nothing_strange(nurse: Client) -> None:
    body: dict[str, Any] = {**ROBERT, "address": {**ROBERT["address"]}}
    assert nurse.post(PATIENTS, body, content_type=JSON).status_code == 201
