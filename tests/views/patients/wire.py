"""What the tests of the patients API share: the addresses, a body, sending, and reading the trail."""

from typing import Any
from uuid import UUID

from django.test import Client

from apps.foundation.audit.models import AuditLog
from tests.cast import CastPractice

PATIENTS = "/api/v1/patients/"
SEARCH = f"{PATIENTS}search/"
ARCHIVED = f"{PATIENTS}archived/"
JSON = "application/json"
PROBLEM = "application/problem+json"

ROBERT: dict[str, Any] = {
    "first_name": "Robert",
    "last_name": "Williams",
    "date_of_birth": "1965-08-22",
    "gender": "male",
    "phone": "+1-555-0199",
    "email": "r.williams@email.com",
    "address": {"line1": "456 Oak Avenue", "city": "Chicago", "state": "IL", "zip": "60614"},
}


def one(patient_id: object) -> str:
    """The address of a patient."""
    return f"{PATIENTS}{patient_id}/"


def create(client: Client, **changes: Any) -> Any:
    """The answer to creating Robert, differing as said; a field given as ... is left out."""
    return client.post(PATIENTS, without_gaps(ROBERT | changes), content_type=JSON)


def replace(client: Client, patient_id: object, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    """The answer to putting Robert, differing as said, in the place of the patient."""
    return client.put(one(patient_id), without_gaps(ROBERT | changes), content_type=JSON, headers=headers or {})


def without_gaps(body: dict[str, Any]) -> dict[str, Any]:
    """The body without the fields that are given as ... ."""
    return {name: value for name, value in body.items() if value is not ...}


def errors_of(answer: Any, status: int = 400) -> set[str]:
    """The names of the fields that a refusal is about."""
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content
    assert answer.json()["status"] == status
    return set(answer.json().get("errors", {}))


class Trail:
    """The audit rows of a practice that were written since this was made."""

    def __init__(self, practice: CastPractice) -> None:
        self.practice_id = practice.id
        last = AuditLog.objects.filter(practice_id=self.practice_id).last()
        self.seen = last.sequence if last else 0

    def rows(self) -> list[AuditLog]:
        """The new rows; the next call starts behind them."""
        rows = list(AuditLog.objects.filter(practice_id=self.practice_id, sequence__gt=self.seen))
        self.seen = rows[-1].sequence if rows else self.seen
        return rows

    def only(self, action: str, subject_id: UUID | str | None = None) -> AuditLog:
        """The one new row, which is of this action and, if said, about this subject."""
        rows = self.rows()
        assert [row.action for row in rows] == [action]
        if subject_id is not None:
            assert str(rows[0].subject_id) == str(subject_id)
        return rows[0]
