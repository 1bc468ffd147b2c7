"""Changing the limits, of the practice or of one patient; signing them; and trying new ones on what was measured."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from apps.core.observations.types import Metric
from apps.core.patients import selectors as patients
from apps.core.patients.services import require_open_record
from apps.core.patients.types import Condition, NotFound, PatientContext
from apps.core.triage.models import AlertThreshold, TriageState
from apps.core.triage.rules.bands import Limits, OxygenProfile, check_limits, from_plain, to_plain
from apps.core.triage.rules.episodes import check_repeat_limits
from apps.core.triage.rules.limits import REVIEW_AFTER, below_practice, check_reach, check_review
from apps.core.triage.rules.replay import DryRun, Regime, compare
from apps.core.triage.rules.window import points_of
from apps.core.triage.services.assessment import reassess_patients, rebuilt_windows
from apps.core.triage.services.casebook import bump_stamp, current_profiles, thresholds_of
from apps.core.triage.services.duty import current_duty
from apps.core.triage.types import ThresholdChanged, ThresholdRefused
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

PlainLimits = Mapping[str, Mapping[str, int | None]]
PlainRepeat = Mapping[str, Mapping[str, int]]
NOTHING_SEEN = UUID(int=0)
"""The version of who saw that there was none yet."""


def set_threshold(
    *,
    patient_id: UUID | None,
    limits: PlainLimits,
    reason: str,
    by: Actor,
    now: datetime,
    repeat: PlainRepeat | None = None,
    oxygen_profile: str = OxygenProfile.STANDARD.value,
    review_by: date | None = None,
    seen: UUID | None = None,
) -> UUID:
    """The limits hold from now on for the patient, or for the practice where none is named; the old ones are kept.

    What isn't named falls back to the practice's profile and then to the defaults, limit by limit: whoever moves the
    warning keeps the critical limit. A limit named as None is gone. Readings of the past open
    no alerts by it; scores follow at once for a patient, within the next sweeps for a practice. A patient's limits are
    signed by whoever may sign and sets them; the practice's are unsigned until somebody signs what now stands.

    `seen` is the version that the person looked at (NOTHING_SEEN where there was none). Returns the new row's
    id. Raises ThresholdRefused, ThresholdChanged if another version stands meanwhile, NotFound for an unknown patient,
    or InvalidPatient for an archived one.
    """
    by.require("threshold.change" if patient_id else "practice.configure")
    today = timezone.localdate(now)
    review_by = review_by or today + REVIEW_AFTER
    _check_words(repeat or {}, oxygen_profile, reason)
    check_review(review_by, today)
    with audit.change("threshold.change", by=by, reason=reason) as log:
        if patient_id is not None:
            log.subject = ("patient", patient_id)
            require_open_record(patient_id)
        profile = {
            "limits": _completed(limits, _fallback(patient_id, oxygen_profile)),
            "repeat": dict(repeat or {}),
            "oxygen_profile": oxygen_profile,
        }
        _end_current(patient_id, seen, now)
        signs = patient_id is not None and by.person_id is not None and by.may("threshold.sign")
        row = AlertThreshold(
            patient_id=patient_id,
            profile=profile,
            reason=reason,
            author_id=by.user_id,
            review_by=review_by,
            created_at=now,
            signed_at=now if signs else None,
            signed_by=by.person_id if signs else None,
        )
        row.save()
        if patient_id is not None:
            reassess_patients([patient_id], by=by, now=now, cause="threshold")
        else:
            TriageState.objects.update(next_rescore_at=now)
            bump_stamp()
    new_id: UUID = row.id
    return new_id


def sign_threshold(*, patient_id: UUID | None, seen: UUID, by: Actor, now: datetime) -> None:
    """A clinician answers for the limits in force, of the patient or of the practice. Signed already: nothing changes.

    `seen` is the version that they looked at. Raises ThresholdChanged if that isn't the one in force (any more), and
    InvalidPatient for an archived patient.
    """
    by.require("threshold.sign")
    with audit.change("threshold.sign", by=by) as log:
        if patient_id is not None:
            log.subject = ("patient", patient_id)
            require_open_record(patient_id)
        row = AlertThreshold.objects.select_for_update().filter(patient_id=patient_id, ended_at__isnull=True).first()
        if row is None or row.id != seen:
            raise ThresholdChanged("other limits hold")
        log.note(threshold=row.id)
        if row.signed_at is not None:
            log.cancel()
            return
        row.signed_at, row.signed_by = now, by.person_id
        row.save()
        bump_stamp()


def preview_threshold(
    *, patient_id: UUID, limits: PlainLimits, repeat: PlainRepeat | None = None, by: Actor, now: datetime
) -> DryRun:
    """What these limits would have made of the patient's last 30 days, beside what those in force make of them.

    Judged by the engine's own rules on the charted readings; nothing is changed. Named limits are completed as
    set_threshold does, so that what is previewed is what would be saved. The disclosure is recorded. Raises
    ThresholdRefused for limits that would be refused, or NotFound.
    """
    by.require("threshold.change")
    check_repeat_limits(repeat or {})
    context = _context_of(patient_id)
    practice, own = current_profiles([patient_id])
    held = own.get(patient_id, {})
    wanted = {"limits": _completed(limits, thresholds_of(context, practice, {}))}
    window = points_of(rebuilt_windows([patient_id], now=now).get(patient_id, {}))
    audit.record_disclosure("threshold.preview", subjects=[("patient", patient_id)], by=by)
    shared, holds_back = practice.get("repeat", {}), current_duty().holds_back

    def regime(profile: Mapping[str, PlainLimits], own_repeat: PlainRepeat) -> Regime:
        return Regime(
            thresholds=thresholds_of(context, practice, profile),
            repeat={**shared, **own_repeat},
            zone=ZoneInfo(context.time_zone),
            heart_failure=Condition.HEART_FAILURE.value in context.conditions,
            on_diuretics=context.on_diuretics,
            holds_back=holds_back,
        )

    return compare(window, regime(held, held.get("repeat", {})), regime(wanted, repeat or {}), now)


def _end_current(patient_id: UUID | None, seen: UUID | None, now: datetime) -> None:
    """No version holds any more. Raises ThresholdChanged if another one does than the person saw."""
    current = AlertThreshold.objects.filter(patient_id=patient_id, ended_at__isnull=True).select_for_update().first()
    if seen is not None and (current.id if current else NOTHING_SEEN) != seen:
        raise ThresholdChanged("other limits hold")
    if current is not None:
        current.ended_at = now
        current.save()


def _check_words(repeat: PlainRepeat, oxygen_profile: str, reason: str) -> None:
    if not reason.strip():
        raise ThresholdRefused("a change of limits needs a reason")
    if oxygen_profile not in set(OxygenProfile):
        raise ThresholdRefused("unknown oxygen profile")
    check_repeat_limits(repeat)


def _context_of(patient_id: UUID) -> PatientContext:
    context = patients.patient_contexts([patient_id]).get(patient_id)
    if context is None:
        raise NotFound("patient")
    return context


def _fallback(patient_id: UUID | None, oxygen_profile: str) -> dict[Metric, Limits]:
    """What holds where the new limits say nothing."""
    if patient_id is None:
        return below_practice(OxygenProfile(oxygen_profile))
    practice, _ = current_profiles([])
    return thresholds_of(_context_of(patient_id), practice, {})


def _completed(limits: PlainLimits, fallback: Mapping[Metric, Limits]) -> dict[str, dict[str, int | None]]:
    from_plain(limits)
    below = to_plain(fallback)
    completed = {metric: {**below[metric], **given} for metric, given in limits.items()}
    parsed = from_plain(completed)
    for one in parsed.values():
        check_limits(one)
    check_reach(parsed)
    return completed
