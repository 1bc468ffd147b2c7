"""The limits in force and where each comes from, their versions, and whose review is due."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.authentication import selectors as members
from apps.authentication.types import MemberRef
from apps.core.observations.types import Metric
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound, PatientBanner, PatientContext
from apps.core.triage.models import Alert, AlertThreshold
from apps.core.triage.rules.bands import Limits, OxygenProfile, ThresholdSet, from_plain, thresholds_for
from apps.core.triage.rules.judgement import KIND_OF_RULE
from apps.core.triage.rules.limits import below_practice
from apps.core.triage.rules.window import METRICS
from apps.core.triage.types import RuleCode
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import Paged, place_of_page

PAGE_SIZE = 50


class LimitSource(StrEnum):
    """Where the limits of one metric come from."""

    OWN = "own"
    OXYGEN_TARGET = "oxygen_target"
    PRACTICE = "practice"
    STRICT = "strict"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class LimitsInForce:
    """The limits of one metric and where they come from."""

    metric: Metric
    limits: Limits
    source: LimitSource


@dataclass(frozen=True, slots=True)
class ThresholdVersion:
    """One version of the limits, of a patient or of the practice. `named` are the metrics that it says something of."""

    id: UUID
    author_name: str
    reason: str
    created_at: datetime
    review_by: date
    signed_at: datetime | None
    signed_by_name: str
    ended_at: datetime | None
    named: tuple[LimitsInForce, ...]
    repeat: Mapping[str, Mapping[str, int]]
    oxygen_profile: OxygenProfile

    def is_due(self, today: date) -> bool:
        """Whether somebody should have looked at it again."""
        return self.ended_at is None and self.review_by < today


@dataclass(frozen=True, slots=True)
class ThresholdSheet:
    """What a patient is judged by: the limits in force, their own version if they have one, and all versions."""

    rows: tuple[LimitsInForce, ...]
    fallback: ThresholdSet
    repeat: Mapping[str, Mapping[str, int]]
    practice_repeat: Mapping[str, Mapping[str, int]]
    own: ThresholdVersion | None
    history: tuple[ThresholdVersion, ...]
    practice_signed: bool

    @property
    def in_force(self) -> dict[Metric, Limits]:
        """The limits by metric."""
        return {row.metric: row.limits for row in self.rows}


@dataclass(frozen=True, slots=True)
class PracticeSheet:
    """The practice's profile: the limits that it sets, and its versions, the newest first. None yet: the defaults."""

    rows: tuple[LimitsInForce, ...]
    current: ThresholdVersion | None
    history: tuple[ThresholdVersion, ...]


@dataclass(frozen=True, slots=True)
class DueReview:
    """A patient's own limits whose review is due. PHI."""

    patient: PatientBanner
    version: ThresholdVersion


@dataclass(frozen=True, slots=True)
class ReviewPage(Paged):
    """One page of the reviews that are due, the longest overdue first."""

    rows: tuple[DueReview, ...]
    total: int
    page: int
    page_size: int


def threshold_sheet(patient_id: UUID, *, by: Actor) -> ThresholdSheet:
    """What the patient is judged by, and how it came about. The disclosure is recorded. Raises NotFound."""
    by.require("triage.read")
    context = patients.patient_contexts([patient_id]).get(patient_id)
    if context is None:
        raise NotFound("patient")
    mine = Q(patient_id=patient_id) | Q(patient__isnull=True, ended_at__isnull=True)
    rows = list(AlertThreshold.objects.filter(mine).order_by("-created_at", "-id"))
    shared = next((row for row in rows if row.patient_id is None), None)
    history = _versions([row for row in rows if row.patient_id is not None])
    own = next((version for version in history if version.ended_at is None), None)
    practice = shared.profile if shared else {}
    named = {} if own is None else {row.metric: row.limits for row in own.named}
    audit.record_disclosure("threshold.read", subjects=[("patient", patient_id)], by=by)
    fallback = _limits(context, practice, {})
    limits = _limits(context, practice, named)
    shared_repeat = practice.get("repeat", {})
    return ThresholdSheet(
        rows=tuple(
            LimitsInForce(metric, one, _source(metric, named, practice, context)) for metric, one in limits.items()
        ),
        fallback=fallback,
        repeat={**shared_repeat, **(own.repeat if own else {})},
        practice_repeat=shared_repeat,
        own=own,
        history=history,
        practice_signed=shared is not None and shared.signed_at is not None,
    )


def practice_sheet(*, by: Actor) -> PracticeSheet:
    """The profile by which everybody is judged who has no limits of their own. Names no patient."""
    by.require("triage.read")
    history = _versions(AlertThreshold.objects.filter(patient__isnull=True).order_by("-created_at", "-id"))
    current = next((version for version in history if version.ended_at is None), None)
    profile = current.oxygen_profile if current else OxygenProfile.STANDARD
    named = {row.metric: row for row in current.named} if current else {}
    strict = LimitSource.STRICT if profile is OxygenProfile.STRICT else LimitSource.DEFAULT
    rows = tuple(
        named.get(metric) or LimitsInForce(metric, one, strict if metric is Metric.SPO2 else LimitSource.DEFAULT)
        for metric, one in below_practice(profile).items()
    )
    return PracticeSheet(rows, current, history)


def profile_is_signed() -> bool:
    """Whether a clinician answers for the limits that the practice in scope uses. One small query, no PHI."""
    return AlertThreshold.objects.filter(patient__isnull=True, ended_at__isnull=True, signed_at__isnull=False).exists()


def reviews_due(*, page: int = 1, page_size: int = PAGE_SIZE, by: Actor, today: date | None = None) -> ReviewPage:
    """One page of patients whose own limits should have been looked at again; the disclosure is recorded.

    A constant number of queries; of the actor's panel only.
    """
    by.require("triage.read")
    due = _due(by, today or timezone.localdate()).order_by("review_by", "created_at", "id")
    total = due.count()
    number, place = place_of_page(page, total, page_size)
    rows = list(due[place])
    banners = patients.patient_banners({row.patient_id for row in rows}, by=by)
    versions = {version.id: version for version in _versions(rows)}
    lines = tuple(DueReview(banners[row.patient_id], versions[row.id]) for row in rows if row.patient_id in banners)
    audit.record_disclosure("threshold.reviews", subjects=[("patient", line.patient.id) for line in lines], by=by)
    return ReviewPage(lines, total, number, page_size)


def count_reviews_due(*, by: Actor, today: date | None = None) -> int:
    """How many patients' own limits should have been looked at again, of those whom the actor may open. One query."""
    by.require("triage.read")
    return _due(by, today or timezone.localdate()).count()


def metric_asked_about(alert_id: UUID, patient_id: UUID) -> Metric | None:
    """The metric whose limits an alert of this patient is about; None where there is no such alert or limit."""
    rule = Alert.objects.filter(id=alert_id, patient_id=patient_id).values_list("rule", flat=True).first()
    kind = KIND_OF_RULE.get(RuleCode(rule)) if rule else None
    metric = METRICS[kind][0] if kind is not None else None
    return metric if metric is not Metric.WEIGHT else None


def overdue_limits(today: date) -> QuerySet[AlertThreshold]:
    """The limits of monitored patients that should have been looked at again. For the system's own work."""
    return AlertThreshold.objects.filter(
        ended_at__isnull=True, review_by__lt=today, patient__active=True, patient__deleted_at__isnull=True
    )


def _due(by: Actor, today: date) -> QuerySet[AlertThreshold]:
    rows = overdue_limits(today)
    among = patients.panel_patients(by)
    return rows if among is None else rows.filter(patient_id__in=among)


def _versions(rows: Iterable[AlertThreshold]) -> tuple[ThresholdVersion, ...]:
    found = list(rows)
    people = {person for row in found for person in (row.author_id, row.signed_by) if person is not None}
    names = members.members_by_id(people) if people else {}
    return tuple(_version(row, names) for row in found)


def _version(row: AlertThreshold, names: Mapping[UUID, MemberRef]) -> ThresholdVersion:
    source = LimitSource.PRACTICE if row.patient_id is None else LimitSource.OWN
    named = from_plain(row.profile.get("limits", {}))
    ordered = sorted(named, key=list(Metric).index)
    return ThresholdVersion(
        id=row.id,
        author_name=_name(row.author_id, names),
        reason=row.reason,
        created_at=row.created_at,
        review_by=row.review_by,
        signed_at=row.signed_at,
        signed_by_name=_name(row.signed_by, names),
        ended_at=row.ended_at,
        named=tuple(LimitsInForce(metric, named[metric], source) for metric in ordered),
        repeat=row.profile.get("repeat", {}),
        oxygen_profile=OxygenProfile(row.profile.get("oxygen_profile", OxygenProfile.STANDARD)),
    )


def _name(user_id: UUID | None, names: Mapping[UUID, MemberRef]) -> str:
    return names[user_id].full_name if user_id in names else ""


def _limits(context: PatientContext, practice: Mapping[str, Any], own: ThresholdSet) -> dict[Metric, Limits]:
    return thresholds_for(
        from_plain(practice.get("limits", {})),
        own,
        oxygen_target_low=context.oxygen_target_low,
        on_oxygen=context.on_oxygen,
        oxygen_profile=OxygenProfile(practice.get("oxygen_profile", OxygenProfile.STANDARD)),
    )


def _source(metric: Metric, own: ThresholdSet, practice: Mapping[str, Any], context: PatientContext) -> LimitSource:
    if metric in own:
        return LimitSource.OWN
    if metric is Metric.SPO2 and context.oxygen_target_low:
        return LimitSource.OXYGEN_TARGET
    if metric.value in practice.get("limits", {}):
        return LimitSource.PRACTICE
    strict = practice.get("oxygen_profile") == OxygenProfile.STRICT
    return LimitSource.STRICT if strict and metric is Metric.SPO2 else LimitSource.DEFAULT
