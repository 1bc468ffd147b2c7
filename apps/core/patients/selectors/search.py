"""Finding patients through the blind index, without opening any but the rows that are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cached_property
from uuid import UUID

from django.db.models import Case, Exists, F, OrderBy, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.patients.models import DeviceAssignment, Patient
from apps.core.patients.rules.patients import NO_DATA_RANK, age_on, display_name, local_day
from apps.core.patients.rules.periods import latest_silence
from apps.core.patients.rules.search import IDENTIFIER, NAMES_AND_MRN, Match, Term, match_of, terms_of
from apps.core.patients.selectors.index import identifier_values, open_matches
from apps.core.patients.selectors.lookup import FEW, ask_index, external_ids, rows_by_id
from apps.core.patients.selectors.panels import panel_of, reached_by
from apps.core.patients.selectors.patients import detail_of, visible_patients
from apps.core.patients.types import (
    Gender,
    PatientDetailPage,
    PatientFilters,
    PatientPage,
    PatientRow,
    PatientStatus,
    RiskLevel,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page
from apps.settings.selectors import get_search_mode
from apps.settings.types import SearchMode

PAGE_SIZE = 25
MAX_PAGE_SIZE = 100
NAME_ORDER_LIMIT = 5_000
"""Up to this many hits can be put in the order of their names, which needs all of them opened (C-50)."""

_TRIAGE_RANK = Coalesce(F("risk_score") * 2, Value(NO_DATA_RANK))
"""As the index `patient_by_triage` has it."""
_BY_RISK = (Coalesce(F("risk_score"), Value(-1)).desc(), "id")
"""As the index `patient_by_risk` has it: whoever has no score comes last."""

_SHOWN = (
    *("id", "practice", "first_name", "last_name", "date_of_birth", "gender", "mrn", "time_zone", "archived_at"),
    *("deleted_at", "risk_score", "risk_level", "open_alerts", "last_transmission_at", "assigned_provider"),
)
"""What `row_of` reads. A patient has three times as many columns."""

ORDERINGS: dict[str, tuple[OrderBy | str, ...]] = {
    "": _BY_RISK,
    "risk": (F("risk_score").asc(nulls_last=True), "id"),
    "-risk": _BY_RISK,
    "triage": (_TRIAGE_RANK.asc(), "id"),
    "-triage": (_TRIAGE_RANK.desc(), "id"),
    "created_at": ("created_at", "id"),
    "-created_at": ("-created_at", "-id"),
    "archived_at": ("archived_at", "id"),
    "-archived_at": (F("archived_at").desc(nulls_last=True), "-id"),
    "last_transmission": (F("last_transmission_at").asc(nulls_first=True), "id"),
    "-last_transmission": (F("last_transmission_at").desc(nulls_last=True), "id"),
    "last_name": ("id",),
    "-last_name": ("-id",),
}
NAME_ORDERINGS = ("last_name", "-last_name")
"""Among more patients than can be opened, these are the order in which the database has them."""
_OTHER_WORDS = {
    "name": "last_name",
    "-name": "-last_name",
    "created": "created_at",
    "-created": "-created_at",
    "archived": "archived_at",
    "-archived": "-archived_at",
}


@dataclass(frozen=True)
class _Search:
    """What is looked for, and how this practice searches. Without terms everybody answers."""

    filters: PatientFilters
    terms: tuple[Term, ...]
    mode: SearchMode
    panel: UUID | None = None
    """Whose panel is all that may be found; None where everybody may."""

    @property
    def ordering(self) -> str:
        asked = _OTHER_WORDS.get(self.filters.ordering, self.filters.ordering)
        return asked if asked in ORDERINGS else ""


@dataclass(frozen=True)
class _Found:
    """Whom a search finds, in no order yet, and who of them answers whole.

    `matches` has everybody's match where all are known by id; else the database finds them by `index`, and those who
    answer whole by `whole`.
    """

    search: _Search
    matches: Mapping[UUID, Match] | None = None
    index: Q | None = None
    whole: Q | None = None
    without: frozenset[UUID] = frozenset()

    @cached_property
    def rows(self) -> QuerySet[Patient]:
        """The rows that every filter leaves."""
        rows = _narrowed(self.search)
        if self.matches is not None:
            return rows.filter(id__in=list(self.matches))
        if self.index is not None:
            rows = rows.filter(self.index)
        return rows.exclude(id__in=self.without) if self.without else rows

    def but(self, false: set[UUID]) -> "_Found":
        """The same without these."""
        if self.matches is None:
            return replace(self, without=self.without | false)
        return replace(self, matches={row_id: match for row_id, match in self.matches.items() if row_id not in false})

    def answers_whole(self) -> Q | None:
        """Who answers whole, for the database; None where nothing was typed."""
        if self.matches is None:
            return self.whole
        return Q(id__in=[row_id for row_id, match in self.matches.items() if match is Match.WHOLE])


def search_patients(*, filters: PatientFilters, by: Actor) -> QuerySet[Patient]:
    """The patients that the filters leave, in the asked order, nothing of them opened. The pages order by name.

    Whoever shows rows of it records the disclosure; `patient_page` and `patient_detail_page` do both.
    """
    by.require(Permission.PATIENT_READ)
    return _ordered(_found(_search_of(filters, panel_of(by))))


def patient_page(
    *,
    filters: PatientFilters,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    by: Actor,
    action: str = "patient.list",
    still_looking: bool = False,
    total: int | None = None,
) -> PatientPage:
    """One page of the list, opened and verified; its disclosure is recorded. A page past the end is the last one.

    With `still_looking` the page draws itself anew, and only those not shown to the actor lately are recorded. Whoever
    has just counted those whom the filters leave says the `total`.
    """
    by.require(Permission.PATIENT_READ)
    size = _size(page_size)
    rows, total, number = find_page(filters, page, size, panel=panel_of(by), total=total, columns=_SHOWN)
    opened = tuple(row_of(row) for row in rows)
    record = audit.record_further_disclosure if still_looking else audit.record_disclosure
    record(action, subjects=[("patient", row.id) for row in rows], by=by)
    return PatientPage(opened, total, number, size)


def patient_detail_page(
    *, filters: PatientFilters, page: int = 1, page_size: int = PAGE_SIZE, by: Actor, action: str = "patient.list"
) -> PatientDetailPage:
    """As patient_page, with every column of each patient but the SSN, in as many queries for 100 rows as for two.

    A page past the end has no rows, and nothing is recorded as shown.
    """
    by.require(Permission.PATIENT_READ)
    size = _size(page_size)
    rows, total, last = find_page(filters, page, size, panel=panel_of(by))
    if page > last:
        return PatientDetailPage((), total, page, size)
    numbers = external_ids([row.id for row in rows])
    opened = tuple(detail_of(row, with_ssn=False, external_id=numbers.get(row.id, "")) for row in rows)
    audit.record_disclosure(action, subjects=[("patient", row.id) for row in rows], by=by)
    return PatientDetailPage(opened, total, max(1, page), size)


def row_of(row: Patient) -> PatientRow:
    """A row opened as far as the list shows it."""
    born = row.date_of_birth
    return PatientRow(
        id=row.id,
        display_name=display_name(row.first_name, row.last_name),
        date_of_birth=born,
        age=age_on(born, local_day(timezone.now(), row.time_zone)),
        gender=Gender(row.gender),
        mrn=row.mrn,
        status=row.status,
        risk_score=row.risk_score,
        risk_level=RiskLevel(row.risk_level),
        open_alerts=row.open_alerts,
        last_transmission_at=row.last_transmission_at,
        assigned_provider_id=row.assigned_provider_id,
    )


def _search_of(filters: PatientFilters, panel: UUID | None) -> _Search:
    terms = terms_of(filters.query) + terms_of(filters.search, NAMES_AND_MRN)
    return _Search(filters, terms, get_search_mode() if terms else SearchMode.PREFIX, panel)


def _found(search: _Search) -> _Found:
    """Whoever the filters leave and the typed words find. The index answers; what it cannot answer for is opened."""
    terms, mode = search.terms, search.mode
    if not terms:
        return _Found(search)
    if mode is SearchMode.SCAN:
        rows = _narrowed(search)
        everybody = list(rows.order_by().values_list("id", flat=True))
        return _Found(search, dict(open_matches(rows, everybody, terms, mode)))
    hits = ask_index(terms, mode)
    unsure = [*hits.doubtful(), *hits.unindexed]
    opened = dict(open_matches(_narrowed(search), unsure, terms, mode)) if unsure else {}
    if hits.ranks is not None:
        certain = {row_id: Match(rank) for row_id, rank in hits.ranks.items() if rank < Match.NONE}
        return _Found(search, certain | opened)
    by_index = _Found(search, index=hits.ranked(Match.WHOLE, Match.BEGINNING), whole=hits.ranked(Match.WHOLE))
    if not opened:
        return by_index
    whole = set(by_index.rows.filter(hits.ranked(Match.WHOLE)).values_list("id", flat=True))
    certain = {row_id: Match(row_id not in whole) for row_id in by_index.rows.values_list("id", flat=True)}
    return _Found(search, certain | opened)


def _ordered(found: _Found) -> QuerySet[Patient]:
    order = ORDERINGS[found.search.ordering]
    whole = found.answers_whole()
    if whole is None or found.search.filters.ordering:
        return found.rows.order_by(*order)
    return found.rows.order_by(Case(When(whole, then=Value(0)), default=Value(1)), *order)


def find_page(
    filters: PatientFilters,
    page: int,
    page_size: int,
    *,
    panel: UUID | None = None,
    total: int | None = None,
    columns: Sequence[str] = (),
) -> tuple[list[Patient], int, int]:
    """The rows of a page, how many there are on all pages, and the number of the page. For this app's own selectors.

    Where nothing was typed, only the `columns` named are read, if any are.

    Tags are short, so that once in thousands of searches the index proposes somebody who does not answer. A row that is
    shown is therefore opened and compared first; with a false one among them the page is made again without it.
    """
    search = _search_of(filters, panel)
    found = _found(search)
    while True:
        rows, counted, number = _page_of(found, page, page_size, total, columns)
        false = _false_hits(rows, search)
        if not false:
            return rows, counted, number
        found = found.but(false)


def _page_of(
    found: _Found, page: int, page_size: int, counted: int | None = None, columns: Sequence[str] = ()
) -> tuple[list[Patient], int, int]:
    if found.matches is not None and len(found.matches) <= FEW:
        everybody = _all_ordered(found)
        number, shown = place_of_page(page, len(everybody), page_size)
        return everybody[shown], len(everybody), number
    total = found.rows.order_by().count() if counted is None else counted
    number, shown = place_of_page(page, total, page_size)
    if found.search.ordering in NAME_ORDERINGS and total <= NAME_ORDER_LIMIT:
        return _by_name(found.rows, found.search.ordering, shown), total, number
    rows = _ordered(found)[shown]
    # What was typed is compared with columns that are not shown.
    return list(rows if found.search.terms or not columns else rows.only(*columns)), total, number


def _all_ordered(found: _Found) -> list[Patient]:
    """A few rows at once: no second query counts them."""
    matches, filters, ordering = found.matches, found.search.filters, found.search.ordering
    if not matches:
        return []
    plain = PatientFilters(filters.query, filters.search, filters.status)
    if found.search.panel is None and not filters.ordering and filters == plain:
        rows = rows_by_id(matches, status=filters.status)
        return sorted(rows, key=lambda row: (matches[row.id], *_by_risk_of(row)))
    rows = list(found.rows.order_by(*ORDERINGS[ordering]))
    if ordering in NAME_ORDERINGS:
        return sorted(rows, key=_name_of, reverse=ordering.startswith("-"))
    return rows if filters.ordering else sorted(rows, key=lambda row: matches[row.id])


def _by_risk_of(row: Patient) -> tuple[int, UUID]:
    """As _BY_RISK."""
    return (1 if row.risk_score is None else -row.risk_score), row.id


def _false_hits(rows: Sequence[Patient], search: _Search) -> set[UUID]:
    """Those of the rows that do not answer. Numbers of other systems are read only for whom nothing else answers."""
    if not search.terms:
        return set()
    doubtful = {row.id: row for row in rows if match_of(search.terms, row, (), search.mode) is Match.NONE}
    if doubtful and any(key.kind == IDENTIFIER for term in search.terms for key in term.codes):
        numbers = identifier_values(list(doubtful))
        held = (row for row in doubtful.values() if row.id in numbers)
        answering = {row.id for row in held if match_of(search.terms, row, numbers[row.id], search.mode) < Match.NONE}
        return doubtful.keys() - answering
    return set(doubtful)


def _size(page_size: int) -> int:
    return max(1, min(page_size, MAX_PAGE_SIZE))


def _by_name(found: QuerySet[Patient], ordering: str, shown: slice) -> list[Patient]:
    names = list(found.order_by().only("id", "practice_id", "last_name", "first_name"))
    ordered = sorted(names, key=_name_of, reverse=ordering.startswith("-"))
    wanted = [row.id for row in ordered[shown]]
    by_id = {row.id: row for row in found.filter(id__in=wanted)}
    return [by_id[row_id] for row_id in wanted if row_id in by_id]


def _name_of(row: Patient) -> tuple[str, str, str]:
    return row.last_name.casefold(), row.first_name.casefold(), row.id.hex


def _narrowed(search: _Search) -> QuerySet[Patient]:
    """The patients that every filter but the typed words leaves."""
    filters = search.filters
    rows = _with_status(visible_patients(), filters.status)
    if search.panel is not None:
        rows = rows.filter(reached_by(search.panel))
    if filters.risk_level is not None:
        rows = rows.filter(risk_level=filters.risk_level)
    if filters.assigned_to is not None:
        rows = rows.filter(assigned_provider_id=filters.assigned_to)
    if filters.unacknowledged is not None:
        waiting = Q(unacknowledged_alerts__gt=0)
        rows = rows.filter(waiting if filters.unacknowledged else ~waiting)
    if filters.has_device is not None:
        rows = rows.filter(Exists(_worn_now()) if filters.has_device else ~Exists(_worn_now()))
    if filters.non_compliant is not None:
        rows = rows.filter(_silent()) if filters.non_compliant else rows.exclude(_silent())
    if filters.created_after is not None:
        begin = datetime.combine(filters.created_after, time(), timezone.get_current_timezone())
        rows = rows.filter(created_at__gte=begin)
    return rows


def _with_status(rows: QuerySet[Patient], status: PatientStatus | None) -> QuerySet[Patient]:
    if status is None:
        return rows
    if status is PatientStatus.DELETED:
        return rows.none()
    return rows.filter(archived_at__isnull=status is PatientStatus.ACTIVE)


def _worn_now() -> QuerySet[DeviceAssignment]:
    now = timezone.now()
    worn: QuerySet[DeviceAssignment] = DeviceAssignment.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now), patient_id=OuterRef("id"), starts_at__lte=now
    )
    return worn


def _silent() -> Q:
    """Who missed two days in a row or more, since the last reading or else since the day monitoring began there.

    A condition for each schedule and time zone that the practice has; those are few.
    """
    now = timezone.now()
    silent = Q(pk__in=[])
    for days, zone in visible_patients().order_by().values_list("expected_days_between", "time_zone").distinct():
        latest = latest_silence(now, days)
        since = Q(last_reading_at__isnull=True, monitoring_since__lte=local_day(latest, zone))
        silent |= Q(expected_days_between=days, time_zone=zone) & (Q(last_reading_at__lte=latest) | since)
    return silent
