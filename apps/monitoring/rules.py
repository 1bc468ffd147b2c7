"""What the acts of the trail are, and how rows of it are put together and written out: pure decisions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.monitoring.types import Group

MASK = "•••"
VISIT_REST = timedelta(minutes=5)
"""Whoever comes back to a chart within this time is still looking."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula (ASVS 5.0, 1.2.10), in both widths."""

_ACTIONS: dict[Group, str] = {
    Group.ACCESS: """
        admin.read audit.patient_print audit.patient_report audit.read audit.reveal device.list device.read
        call.read message.inbox message.list message.read
        medication.read note.queue note.read observation.list observation.series patient.archive_impact
        patient.archived_list
        patient.chart patient.consent_copy patient.devices patient.duplicate_check patient.emergency_access
        patient.emergency_list patient.emergency_offer patient.report patient.timeline
        patient.fhir patient.history patient.history_reveal
        patient.identifiers patient.list patient.read patient.record patient.retention_list
        patient.retention_read patient.ssn_reveal privacy.export privacy.queue privacy.read quarantine.read
        threshold.preview threshold.read threshold.reviews wearer.read
        portal.copy portal.readings portal.record portal.standing portal.visits
        time.monitoring time.read
        hand_over.list triage.activity triage.alerts triage.board triage.compliance triage.score
    """,
    Group.CHANGES: """
        call.record message.close message.mark_read message.open message.send
        alert.acknowledge alert.escalate alert.resolve alert.snooze device.assign device.register
        device.release medication.change medication.end medication.record note.addend note.cosign
        note.cosign_ask note.write patient.archive patient.change
        patient.consent_record patient.consent_withdraw patient.coverage_add patient.coverage_end
        patient.create patient.delete patient.diagnosis_add patient.diagnosis_make_primary
        patient.diagnosis_resolve patient.education_record patient.emergency_review patient.episode_end
        patient.episode_enrol patient.episode_order patient.goal_add patient.goal_close patient.identifier_add
        patient.identifier_make_primary patient.identifier_remove patient.restore patient.retention_decide
        patient.retention_flag patient.team_member_add patient.team_member_end patient.thresholds_choose
        patient.unarchive patient.undelete patient.wearer_confirm privacy.request_decide
        privacy.request_extend privacy.request_record privacy.request_withdraw privacy.restriction_end
        portal.access_end portal.accept portal.birth_date_refused portal.invite portal.invitation_revoke
        portal.mail_failed portal.mail_sent portal.unlock
        time.correct time.record time.recount time.track time.withdraw
        hand_over.add hand_over.done triage.review triage.view_forget triage.view_save
        quarantine.assign quarantine.release quarantine.resolve symptoms.report
        threshold.change threshold.sign wearer.answer
    """,
    Group.SIGN_IN: """
        access.denied auth.api_key_refused auth.challenge_refused auth.locked_out auth.lockout_cleared
        auth.login auth.login_failed auth.logout auth.password_change auth.password_refused
        auth.practice_chosen auth.recovery_code_used auth.recovery_codes_renewed auth.refresh_refused
        auth.reset_refused auth.second_factor_enrolled auth.second_factor_failed auth.second_factor_off
        auth.second_factor_reset auth.second_factor_used auth.session_ended auth.token_reuse
        auth.tokens_revoked member.second_factor_reset member.sign_out
    """,
    Group.SYSTEM: """
        portal.language account.rename
        audit.checkpoint audit.checkpoint_fail audit.export audit.export_complete audit.verify
        audit.verify_ask auth.api_key_issued auth.api_key_revoked invitation.accept invitation.create
        invitation.mail_failed invitation.mail_sent invitation.renew invitation.revoke key.retire key.root_rotate
        key.rotation_end key.rotation_start member.deactivate member.reactivate member.register member.role_change
        patient.reindex notification.destination_add notification.destination_remove
        notification.deliveries_forget notification.destination_retire
        maintenance.announce maintenance.withdraw notification.policy_change notification.preferences_change
        notification.trial practice.index_key_retire practice.preferences_change practice.sign_in_policy_change
        threshold.review_ask triage.begin triage.follow triage.reassess triage.unreadable wearer.ask
    """,
    Group.INTEGRATION: """
        observation.record observation.replace quarantine.check reading.administer reading.process
        reading.quarantine transmission.revive webhook.refused
    """,
}
ACTIONS: dict[str, Group] = {name: group for group, names in _ACTIONS.items() for name in names.split()}
"""Every act that the product records, and what it tells of; a test finds those that are missing here."""


def actions_of(asked: str) -> tuple[str, ...] | None:
    """The acts that a filter means: those of a group, the one named, or all of them (None) where nothing is."""
    if not asked:
        return None
    if asked in set(Group):
        return tuple(name for name, group in ACTIONS.items() if group == asked)
    return (asked,)


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def day_bounds(start: date | None, end: date | None, time_zone: str) -> tuple[datetime | None, datetime | None]:
    """From the first moment of the first day up to the first one after the last, in the practice's zone."""
    zone = ZoneInfo(time_zone)

    def begin(day: date) -> datetime:
        return datetime.combine(day, time.min, zone).astimezone(UTC)

    return (begin(start) if start else None, begin(end + timedelta(days=1)) if end else None)


def years_before(now: datetime, years: int) -> datetime:
    """The same moment so many years ago; the last of February where that year has no 29th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


@dataclass(frozen=True, slots=True)
class Look:
    """One row of the trail about one patient."""

    at: datetime
    actor_id: UUID | None
    role: str
    action: str
    ip: str
    is_emergency: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Looks of one person from one address that belong together; `first` is the earliest."""

    first: Look
    ended_at: datetime
    actions: tuple[str, ...]
    is_emergency: bool
    reason: str


def gather(looks: Iterable[Look]) -> list[Gathered]:
    """The looks, which come newest first, put together as visits, newest first."""
    visits: list[Gathered] = []
    for look in looks:
        last = visits[-1] if visits else None
        if last is not None and _continues(look, last.first):
            visits[-1] = replace(
                last,
                first=look,
                actions=tuple(dict.fromkeys((look.action, *last.actions))),
                is_emergency=last.is_emergency or look.is_emergency,
                reason=look.reason or last.reason,
            )
        else:
            visits.append(Gathered(look, look.at, (look.action,), look.is_emergency, look.reason))
    return visits


def _continues(earlier: Look, later: Look) -> bool:
    same = (earlier.actor_id, earlier.role, earlier.ip) == (later.actor_id, later.role, later.ip)
    return same and later.at - earlier.at <= VISIT_REST
