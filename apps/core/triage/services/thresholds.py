"""Changing the limits: of the practice, or of one patient."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from apps.core.observations.types import Metric
from apps.core.patients import selectors as patients
from apps.core.patients.services import require_open_record
from apps.core.patients.types import NotFound
from apps.core.triage.models import AlertThreshold, TriageState
from apps.core.triage.rules.bands import Limits, OxygenProfile, check_limits, from_plain, thresholds_for, to_plain
from apps.core.triage.rules.episodes import check_repeat_limits
from apps.core.triage.services.assessment import reassess_patients
from apps.core.triage.services.casebook import bump_stamp, current_profiles, thresholds_of
from apps.core.triage.types import ThresholdRefused
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

REVIEW_AFTER = timedelta(days=90)
"""AL-08."""


def set_threshold(
    *,
    patient_id: UUID | None,
    limits: Mapping[str, Mapping[str, int | None]],
    reason: str,
    by: Actor,
    now: datetime,
    repeat: Mapping[str, Mapping[str, int]] | None = None,
    oxygen_profile: str = OxygenProfile.STANDARD.value,
    review_by: date | None = None,
) -> UUID:
    """The limits hold from now on for the patient, or for the practice where none is named; the old ones are kept.

    What isn't named falls back to the practice's profile and then to the defaults, limit by limit: whoever moves the
    warning keeps the critical limit. A limit named as None is gone. Readings of the past open
    no alerts by it; scores follow at once for a patient, within the next sweeps for a practice. Returns the new row's
    id. Raises ThresholdRefused, NotFound for an unknown patient, or InvalidPatient for an archived one.
    """
    by.require("threshold.change" if patient_id else "practice.configure")
    _check_words(repeat or {}, oxygen_profile, reason)
    with audit.change("threshold.change", by=by, reason=reason) as log:
        if patient_id is not None:
            log.subject = ("patient", patient_id)
            require_open_record(patient_id)
        profile = {
            "limits": _completed(limits, _fallback(patient_id, oxygen_profile)),
            "repeat": dict(repeat or {}),
            "oxygen_profile": oxygen_profile,
        }
        current = AlertThreshold.objects.filter(patient_id=patient_id, ended_at__isnull=True)
        for row in current.select_for_update():
            row.ended_at = now
            row.save()
        row = AlertThreshold(
            patient_id=patient_id,
            profile=profile,
            reason=reason,
            author_id=by.user_id,
            review_by=review_by or (now + REVIEW_AFTER).date(),
            created_at=now,
        )
        row.save()
        if patient_id is not None:
            reassess_patients([patient_id], by=by, now=now, cause="threshold")
        else:
            TriageState.objects.update(next_rescore_at=now)
            bump_stamp()
    new_id: UUID = row.id
    return new_id


def _check_words(repeat: Mapping[str, Mapping[str, int]], oxygen_profile: str, reason: str) -> None:
    if not reason.strip():
        raise ThresholdRefused("a change of limits needs a reason")
    if oxygen_profile not in set(OxygenProfile):
        raise ThresholdRefused("unknown oxygen profile")
    check_repeat_limits(repeat)


def _fallback(patient_id: UUID | None, oxygen_profile: str) -> dict[Metric, Limits]:
    """What holds where the new limits say nothing."""
    if patient_id is None:
        return thresholds_for(
            {}, {}, oxygen_target_low=False, on_oxygen=False, oxygen_profile=OxygenProfile(oxygen_profile)
        )
    context = patients.patient_contexts([patient_id]).get(patient_id)
    if context is None:
        raise NotFound("patient")
    practice, _ = current_profiles([])
    return thresholds_of(context, practice, {})


def _completed(
    limits: Mapping[str, Mapping[str, int | None]], fallback: Mapping[Metric, Limits]
) -> dict[str, dict[str, int | None]]:
    from_plain(limits)
    below = to_plain(fallback)
    completed = {metric: {**below[metric], **given} for metric, given in limits.items()}
    for one in from_plain(completed).values():
        check_limits(one)
    return completed
