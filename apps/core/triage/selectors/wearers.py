"""The questions who measures with a device: open ones for the chart and the rows, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.authentication import selectors as members
from apps.core.observations.types import ReadingKind
from apps.core.patients import selectors as patients
from apps.core.patients.types import AssignmentView, NotFound
from apps.core.triage.models import WearerQuestion
from apps.core.triage.types import WearerAnswer
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


@dataclass(frozen=True, slots=True)
class ReadingGroup:
    """One group of readings: how many, and their means as a clinician writes them. PHI."""

    count: int
    text: str
    pulse: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question with the two groups behind it. PHI. `device` is None for one that isn't worn any more."""

    id: UUID
    asked_at: datetime
    kind: ReadingKind
    groups: tuple[ReadingGroup, ...]
    turns: int
    device: AssignmentView | None
    answer: WearerAnswer | None = None
    answered_at: datetime | None = None
    answered_by_name: str = ""
    note: str = ""


def wearer_questions(patient_id: UUID, *, by: Actor) -> tuple[QuestionLine, ...]:
    """The questions about a patient's devices, open ones first. The disclosure is recorded. Raises NotFound."""
    by.require("triage.read")
    if patient_id not in patients.patient_contexts([patient_id]):
        raise NotFound("patient")
    rows = sorted(
        WearerQuestion.objects.filter(patient_id=patient_id).order_by("-asked_at", "-id"),
        key=lambda row: row.answered_at is not None,
    )
    if not rows:
        return ()
    names = members.members_by_id({row.answered_by for row in rows if row.answered_by})
    worn = {view.id: view for view in patients.worn_devices(patient_id)}
    audit.record_disclosure("wearer.read", subjects=[("patient", patient_id)], by=by)
    return tuple(_line(row, worn.get(row.assignment_id), names) for row in rows)


def _line(row: WearerQuestion, device: AssignmentView | None, names: Mapping[UUID, Any]) -> QuestionLine:
    evidence = row.evidence
    kind = ReadingKind(evidence["kind"])
    who = names.get(row.answered_by) if row.answered_by else None
    return QuestionLine(
        id=row.id,
        asked_at=row.asked_at,
        kind=kind,
        groups=tuple(_group(kind, group) for group in evidence["groups"]),
        turns=evidence["turns"],
        device=device,
        answer=WearerAnswer(row.answer) if row.answer else None,
        answered_at=row.answered_at,
        answered_by_name=who.full_name if who else "",
        note=row.note or "",
    )


def _group(kind: ReadingKind, group: Mapping[str, Any]) -> ReadingGroup:
    means = group["means"]
    if kind is ReadingKind.WEIGHT:
        return ReadingGroup(group["count"], f"{means[0]} kg")
    return ReadingGroup(group["count"], f"{means[0]}/{means[1]} mmHg", means[2])
