"""The board: one page of patients by urgency, opened only as far as the page shows."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from apps.authentication import selectors as members
from apps.authentication.types import MemberRef
from apps.core.patients import selectors as patients
from apps.core.patients.types import PatientBanner, PatientFilters, PatientRow, RiskLevel
from apps.core.triage.models import BoardStamp, RiskScore, TriageState, WearerQuestion
from apps.core.triage.selectors.freshness import as_it_stands
from apps.core.triage.selectors.pressure_words import confirmation_text
from apps.core.triage.selectors.wording import (
    board_alert_title,
    latest_values,
    part_lines,
    part_points,
    reason_text,
    score_text,
)
from apps.core.triage.types import (
    AlertLine,
    BoardCounts,
    BoardFilters,
    BoardPage,
    BoardRow,
    Severity,
)
from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import unseal
from apps.foundation.tenancy.ids import stored_id
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor

PAGE_SIZE = 50
ORDERINGS = {"-risk_score": "-triage", "risk_score": "triage"}
TREND_OVER = timedelta(hours=24)
_STAMP = f"SELECT version FROM {BoardStamp._meta.db_table} WHERE practice_id = %s"  # noqa: S608
"""Every open board asks this once a second: nothing is built to ask it, and the scope is told in the same message."""
_ACTIVE: dict[str, Any] = {"patient__archived_at__isnull": True, "patient__deleted_at__isnull": True}

_EMPTY: dict[str, Any] = {
    "score": None,
    "level": RiskLevel.NO_DATA.value,
    "stale": False,
    "missed": 0,
    "parts": [],
    "latest": [],
    "alerts": [],
    "zone": "UTC",
}


def board_stamp() -> str:
    """A text that changes with whatever the board of the practice in scope could show. One small query, no PHI."""
    practice_id = current_practice_id()
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, [stored_id(practice_id)])
        found = cursor.fetchone()
    return f"{practice_id.hex[:8]}-{found[0] if found else 0}"


def board_page(
    *,
    filters: BoardFilters,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    by: Actor,
    now: datetime | None = None,
    still_looking: bool = False,
    explained: bool = True,
) -> BoardPage:
    """One page of active patients, the most urgent first; the disclosure of the rows shown is recorded.

    With `still_looking` an open board draws itself anew: only rows not shown to the actor lately are recorded.
    Unless `explained`, the parts of the score come without the sentences behind them, as a page of fifty shows them.
    A constant number of queries, whatever the page size and the number of patients.
    """
    by.require("triage.read")
    now = now or timezone.now()
    stamp = board_stamp()
    counts = board_counts(by=by, now=now)
    found = patients.patient_page(
        filters=PatientFilters(
            query=filters.query,
            risk_level=filters.level,
            assigned_to=filters.panel,
            unacknowledged=filters.unacknowledged,
            ordering=ORDERINGS.get(filters.ordering, ORDERINGS["-risk_score"]),
        ),
        page=page,
        page_size=page_size,
        by=by,
        action="triage.board",
        still_looking=still_looking,
        total=_counted(filters, counts),
    )
    boards, reviews = _boards_of([row.id for row in found.rows], now)
    names = members.members_by_id(_people_on(found.rows, boards, reviews))
    rows = tuple(
        _row(row, boards.get(row.id, _EMPTY), reviews.get(row.id), names, now, explained=explained)
        for row in found.rows
    )
    return BoardPage(rows, counts, stamp, found.total, found.page, found.page_size)


def _counted(filters: BoardFilters, counts: BoardCounts) -> int | None:
    """How many patients the filters leave, where the cards say so already; else None."""
    if filters.query or filters.panel is not None or filters.unacknowledged is not None:
        return None
    return counts.at(filters.level) if filters.level is not None else sum(map(counts.at, RiskLevel))


def board_row(patient_id: UUID, *, by: Actor, now: datetime | None = None) -> BoardRow | None:
    """The row of one patient as it stands now, after an action in place; None if there is no such active patient.

    The disclosure is recorded.
    """
    row = board_rows([patient_id], by=by, now=now).get(patient_id)
    if row is not None:
        audit.record_disclosure("triage.board", subjects=[("patient", patient_id)], by=by)
    return row


def board_rows(patient_ids: Collection[UUID], *, by: Actor, now: datetime | None = None) -> dict[UUID, BoardRow]:
    """The rows of these patients of the practice as they stand now, in a constant number of queries.

    Whoever shows them records the disclosure.
    """
    by.require("triage.read")
    now = now or timezone.now()
    banners = patients.patient_banners(patient_ids)
    boards, reviews = _boards_of(list(banners), now)
    shown = tuple(_patient_row(banner, boards.get(banner.id, _EMPTY)) for banner in banners.values())
    names = members.members_by_id(_people_on(shown, boards, reviews))
    return {row.id: _row(row, boards.get(row.id, _EMPTY), reviews.get(row.id), names, now) for row in shown}


def _patient_row(banner: PatientBanner, board: Mapping[str, Any]) -> PatientRow:
    return PatientRow(
        id=banner.id,
        display_name=banner.display_name,
        date_of_birth=banner.date_of_birth,
        age=banner.age,
        gender=banner.gender,
        mrn=banner.mrn,
        status=banner.status,
        risk_score=board["score"],
        risk_level=RiskLevel(board["level"]),
        open_alerts=len(board["alerts"]),
        last_transmission_at=None,
        assigned_provider_id=banner.assigned_provider_id,
    )


def board_counts(*, by: Actor, now: datetime | None = None) -> BoardCounts:
    """How many active patients stand at each level, and the change against 24 hours before. Two queries."""
    by.require("triage.read")
    counts = patients.status_counts(by=by)
    trend = _trend_since((now or timezone.now()) - TREND_OVER, by)
    return BoardCounts(
        critical=counts[RiskLevel.CRITICAL],
        warning=counts[RiskLevel.WARNING],
        no_data=counts[RiskLevel.NO_DATA],
        normal=counts[RiskLevel.NORMAL],
        trend={level.value: trend.get(level.value, 0) for level in RiskLevel},
    )


def _trend_since(moment: datetime, by: Actor) -> dict[str, int]:
    """Net change of each level since a moment among those whom the actor may open, new patients counted as they come.

    Only active patients whose level moved since then are looked at.
    """
    before = (
        RiskScore.objects.filter(patient_id=OuterRef("patient_id"), computed_at__lte=moment)
        .order_by("-computed_at")
        .values("level")[:1]
    )
    among = patients.panel_patients(by)
    rows = TriageState.objects.all() if among is None else TriageState.objects.filter(patient_id__in=among)
    moved = (
        rows.filter(level_since__gt=moment, **_ACTIVE)
        .annotate(before=Subquery(before))
        .values_list("before", "level")
        .annotate(count=Count("id"))
    )
    change: dict[str, int] = {}
    for was, level, count in moved:
        if was is not None:
            change[was] = change.get(was, 0) - count
        change[level] = change.get(level, 0) + count
    return change


_Review = tuple[datetime | None, UUID | None, bool]
"""When somebody last looked at the patient, who, and whether it is asked whose readings these are."""


def _boards_of(ids: list[UUID], now: datetime) -> tuple[dict[UUID, Mapping[str, Any]], dict[UUID, _Review]]:
    boards: dict[UUID, Mapping[str, Any]] = {}
    reviews: dict[UUID, _Review] = {}
    columns = ("id", "practice_id", "board", "reviewed_at", "reviewed_by", "questioned")
    asked = WearerQuestion.objects.filter(patient_id=OuterRef("id"), answered_at__isnull=True)
    states = TriageState.objects.filter(id__in=ids).annotate(questioned=Exists(asked)).values_list(*columns)
    for row_id, practice_id, sealed, at, who, questioned in states:
        board = unseal(TriageState, "board", sealed, practice_id=practice_id, row_id=row_id)
        boards[row_id] = as_it_stands(board, now)
        reviews[row_id] = (at, who, questioned)
    return boards, reviews


def _people_on(
    rows: tuple[PatientRow, ...], boards: Mapping[UUID, Mapping[str, Any]], reviews: Mapping[UUID, _Review]
) -> set[UUID]:
    people = {row.assigned_provider_id for row in rows if row.assigned_provider_id}
    people |= {who for _, who, _ in reviews.values() if who}
    for board in boards.values():
        if board.get("owner"):
            people.add(UUID(board["owner"]))
        for alert in board["alerts"]:
            people |= {UUID(alert[name]) for name in ("acknowledged_by", "escalated_to") if alert[name]}
            escalation = alert["facts"].get("escalation")
            if escalation and escalation["by"]:
                people.add(UUID(escalation["by"]))
    return people


def _row(
    row: PatientRow,
    board: Mapping[str, Any],
    review: _Review | None,
    names: Mapping[UUID, MemberRef],
    now: datetime,
    *,
    explained: bool = True,
) -> BoardRow:
    zone = ZoneInfo(board["zone"])
    asking = [alert for alert in board["alerts"] if alert["severity"] != Severity.NOTICE]
    alerts = tuple(alert_line(alert, names, now, zone) for alert in asking)
    waiting = [alert.clock_due_at for alert in alerts if alert.clock_due_at and alert.waits]
    owner = _owner_of(row, alerts, board)
    latest = latest_values(board, now)
    parts = part_lines(board, now) if explained else part_points(board)
    reviewed_at, reviewed_by, questioned = review or (None, None, False)
    return BoardRow(
        patient_id=row.id,
        display_name=row.display_name,
        age=row.age,
        gender=row.gender.value,
        mrn=row.mrn,
        score=board["score"],
        level=RiskLevel(board["level"]),
        reason=reason_text(board, now),
        parts=parts,
        latest=latest,
        alerts=alerts,
        owner=owner,
        owner_name=_name(owner, names),
        clock_due_at=min(waiting, default=None),
        stale=board["stale"],
        last_reading_at=max((value.effective_at for value in latest), default=None),
        score_text=score_text(board, parts) if explained else "",
        last_reviewed_at=reviewed_at,
        last_reviewed_by=_name(reviewed_by, names),
        questioned=questioned,
    )


def _owner_of(row: PatientRow, alerts: tuple[AlertLine, ...], board: Mapping[str, Any]) -> UUID | None:
    """Who has the most urgent alert: whoever took it, else whom it climbed to, else the provider, or who was asked."""
    for severity in (Severity.CRITICAL.value, Severity.WARNING.value):
        for alert in alerts:
            if alert.severity == severity and (alert.acknowledged_by or alert.escalated_to):
                return alert.acknowledged_by or alert.escalated_to
    return row.assigned_provider_id or (UUID(board["owner"]) if board.get("owner") else None)


def _name(user_id: UUID | None, names: Mapping[UUID, MemberRef]) -> str:
    return names[user_id].full_name if user_id is not None and user_id in names else ""


def alert_line(alert: Mapping[str, Any], names: Mapping[UUID, MemberRef], now: datetime, zone: ZoneInfo) -> AlertLine:
    """An alert of the board's summary, ready to show."""

    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(alert[name]) if alert[name] else None

    def person(name: str) -> UUID | None:
        return UUID(alert[name]) if alert[name] else None

    acknowledged_by, escalated_to = person("acknowledged_by"), person("escalated_to")
    escalation = alert["facts"].get("escalation") or {}
    return AlertLine(
        id=UUID(alert["id"]),
        rule=alert["rule"],
        severity=alert["severity"],
        state=alert["state"],
        title=board_alert_title(alert, now, zone),
        opened_at=datetime.fromisoformat(alert["opened_at"]),
        clock_due_at=moment("clock_due_at"),
        acknowledged_by=acknowledged_by,
        acknowledged_by_name=_name(acknowledged_by, names),
        acknowledged_at=moment("acknowledged_at"),
        snoozed_until=moment("snoozed_until"),
        escalated_to=escalated_to,
        breaches=alert["breaches"],
        seen=alert["facts"].get("times_worse", 0),
        escalated_to_name=_name(escalated_to, names),
        escalated_by_name=_name(UUID(escalation["by"]), names) if escalation.get("by") else "",
        escalation_reason=escalation.get("reason", ""),
        confirmation=confirmation_text(alert["facts"]),
    )
