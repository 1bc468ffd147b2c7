"""The OpenAPI document: made without a warning, of real shapes, and shown under the strict content security policy."""

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from apps.core.patients.filters import PatientFilter
from tests.cast import Cast

FHIR = "application/fhir+json"
"""FHIR says itself what its resources look like."""
CSV = "text/csv"
"""Its columns are told in words."""
SCHEMA, DOCS = "/api/v1/schema/", "/api/v1/docs/"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", "--format", "openapi-json", stdout=out)
    made: dict[str, Any] = json.loads(out.getvalue())
    return made


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["operationId"]: one for path in document["paths"].values() for one in path.values()}


def test_it_is_made_without_a_warning_and_names_every_operation(document: dict[str, Any]) -> None:
    assert set(operations(document)) >= {
        "patients_list",
        "patients_create",
        "patients_search",
        "patients_archived_list",
        "patients_read",
        "patients_replace",
        "patients_delete",
        "patients_archive",
        "patients_unarchive",
        "patients_restore",
    }
    assert not [path for path in document["paths"] if path.startswith("/api/v1/core/")], "an alias is described twice"


def test_every_answer_has_a_shape(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        for code, answer in operation["responses"].items():
            for kind, content in answer.get("content", {}).items():
                schema = content["schema"]
                shaped = schema.get("$ref") or schema.get("items", {}).get("$ref")
                assert shaped or kind in {FHIR, CSV}, (name, code)
        problem = operation["responses"]["default"]["content"]
        assert list(problem) == ["application/problem+json"]
        assert operation["summary"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))) <= known


def test_the_ssn_goes_in_only(document: dict[str, Any]) -> None:
    holding = {
        name for name, schema in document["components"]["schemas"].items() if "ssn" in schema.get("properties", {})
    }
    assert holding == {"NewPatient", "PatientChange"}
    for name in holding:
        assert document["components"]["schemas"][name]["properties"]["ssn"]["writeOnly"] is True


def test_the_list_documents_exactly_what_it_takes(document: dict[str, Any]) -> None:
    named = {parameter["name"] for parameter in operations(document)["patients_list"]["parameters"]}
    assert named == set(PatientFilter.base_filters) | {"page", "page_size"}


@pytest.mark.django_db
def test_who_may_read_it(cast: Cast, client: Client) -> None:
    for address in (SCHEMA, DOCS):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/")
        assert cast.highland.client("nurse").get(address).status_code == 200
        assert cast.highland.client("patient").get(address).status_code == 403


@pytest.mark.django_db
def test_the_page_runs_no_inline_script(cast: Cast) -> None:
    nurse = cast.highland.client("nurse")
    answer = nurse.get(DOCS)
    text = answer.content.decode()
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    scripts = re.findall(r"<script[^>]*>", text)
    assert scripts and all("src=" in script for script in scripts)
    assert "<style" not in text and " style=" not in text
    (start,) = re.findall(r'src="(/api/v1/docs/[^"]*)"', text)
    script = nurse.get(start.replace("&amp;", "&"))
    assert (script.status_code, script["Content-Type"]) == (200, "application/javascript")
    assert SCHEMA in script.content.decode().replace("\\u002D", "-")
