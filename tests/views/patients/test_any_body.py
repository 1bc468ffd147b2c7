"""Whatever JSON is sent, the API answers with what it made of it or with a problem, and never breaks."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.views.patients.wire import ARCHIVED, JSON, PATIENTS, PROBLEM, ROBERT, SEARCH, one

pytestmark = pytest.mark.django_db
within_a_test = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = [*ROBERT, "mrn", "external_id", "ssn", "version", "q", "search", "status", "active", "page", "created_after"]
bodies = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6).map(lambda changes: ROBERT | changes) | anything


@within_a_test
@given(body=bodies)
def test_any_body(cast: Cast, body: Any) -> None:
    admin = cast.highland.client("admin")
    patient = enrol_patient(cast.highland)
    raw = orjson.dumps(body)
    calls = [("POST", PATIENTS), ("POST", SEARCH), ("PUT", one(patient))]
    calls += [("POST", f"{one(patient)}{step}/") for step in ("unarchive", "restore", "archive")]
    for method, address in calls:
        answer = admin.generic(method, address, raw, content_type=JSON)
        assert answer.status_code in {200, 201, 400, 404, 409}, (address, answer.content)
        assert answer["Content-Type"] == (JSON if answer.status_code < 400 else PROBLEM)


@within_a_test
@given(query=st.dictionaries(st.sampled_from([*FIELDS, "page_size", "ordering", "has_device"]), st.text(max_size=30)))
def test_any_query(cast: Cast, query: dict[str, str]) -> None:
    nurse = cast.highland.client("nurse")
    for address in (PATIENTS, ARCHIVED):
        answer = nurse.get(address, query)
        assert answer.status_code in {200, 400, 404}, (address, answer.content)


@within_a_test
@given(tag=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20))
def test_any_precondition(cast: Cast, tag: str) -> None:
    patient = enrol_patient(cast.highland)
    answer = cast.highland.client("nurse").put(one(patient), ROBERT, content_type=JSON, headers={"If-Match": tag})
    assert answer.status_code in {200, 412}
