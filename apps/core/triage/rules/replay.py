"""The dry run: what other limits would have made of the same readings. The judgement is the engine's own.

Counted as if each alert had been closed before the next reading, and each reading had arrived when it was measured:
what people did about an alert that never was, nobody knows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from apps.core.observations.types import ReadingKind
from apps.core.triage.rules.averages import EVALUATED_FROM, pressure_average
from apps.core.triage.rules.bands import ThresholdSet
from apps.core.triage.rules.episodes import EVERY_TIME, clearly_worse, opens_again, repeat_limit
from apps.core.triage.rules.judgement import KIND_OF_RULE, Breach, breaches_of, fresh_breaches, is_worse, judge_point
from apps.core.triage.rules.repeats import Standing, confirm
from apps.core.triage.rules.score import NO_DATA_AFTER
from apps.core.triage.rules.window import Point, Window
from apps.core.triage.types import Band, RuleCode, Severity

DAYS = 30
"""How far back a dry run looks."""

RepeatLimits = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that asks for a person: when, how urgently, and over which reading."""

    at: int
    severity: Severity
    breach: Breach

    @property
    def rule(self) -> RuleCode:
        """The rule that fires."""
        return self.breach.rule


@dataclass(frozen=True, slots=True)
class Regime:
    """What a patient is judged by: limits, repeat limits, what the weight rules need to know, and fatigue controls."""

    thresholds: ThresholdSet
    repeat: RepeatLimits
    zone: ZoneInfo
    heart_failure: bool = False
    on_diuretics: bool = False
    holds_back: bool = True

    def limit(self, rule: RuleCode, severity: Severity) -> timedelta:
        """How long the rule keeps quiet after it has spoken; a warning not at all where nothing is held back."""
        if severity is Severity.WARNING and not self.holds_back:
            return timedelta(seconds=EVERY_TIME)
        return repeat_limit(self.repeat, rule, severity)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """How often one rule fires under the limits in force and under the new ones, and on which days of the patient's."""

    rule: RuleCode
    before: tuple[Firing, ...]
    after: tuple[Firing, ...]
    days_before: tuple[date, ...]
    days_after: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class LostCritical:
    """A reading that is critical under the limits in force and would not be; `becomes` says what else, if anything."""

    breach: Breach
    becomes: Severity | None


@dataclass(frozen=True, slots=True)
class DryRun:
    """Two ways to judge the same readings, side by side. `readings` says how many there were to judge."""

    readings: int
    rules: tuple[RuleChange, ...] = ()
    lost: tuple[LostCritical, ...] = ()
    gained: tuple[Breach, ...] = ()

    @property
    def before(self) -> int:
        """How often any rule fires under the limits in force."""
        return sum(len(change.before) for change in self.rules)

    @property
    def after(self) -> int:
        """How often any rule would fire under the new ones."""
        return sum(len(change.after) for change in self.rules)


@dataclass(slots=True)
class _Spoken:
    """The last alert of a rule, closed at once, and the breach that its repeat limit holds back until then."""

    last: Firing
    held: Breach | None = None
    until: int = 0


@dataclass(slots=True)
class _Course:
    """One walk through the readings: what is known so far, what waits for a repeat, and what has spoken."""

    regime: Regime
    evaluations: list[tuple[int, date]]
    known: Window = field(default_factory=dict)
    waiting: dict[tuple[RuleCode, str], tuple[Breach, int]] = field(default_factory=dict)
    spoken: dict[RuleCode, _Spoken] = field(default_factory=dict)
    fired: list[Firing] = field(default_factory=list)


def compare(window: Window, held: Regime, wanted: Regime, now: datetime, *, days: int = DAYS) -> DryRun:
    """What both regimes make of the readings of the last so many days; older ones are only compared with."""
    since = int(now.timestamp()) - days * 86_400
    before = [one for one in replay(window, held, now) if one.at >= since]
    after = [one for one in replay(window, wanted, now) if one.at >= since]
    rules = sorted({one.rule for one in (*before, *after)}, key=list(RuleCode).index)
    return DryRun(
        readings=sum(point.at >= since for points in window.values() for point in points),
        rules=tuple(_change(rule, before, after, held.zone) for rule in rules),
        lost=tuple(_lost(before, after, wanted)),
        gained=tuple(_only_in(after, before)),
    )


def replay(window: Window, regime: Regime, now: datetime) -> list[Firing]:
    """Each time a rule would have opened an alert, in order of time."""
    course = _Course(regime, _evaluations(window, now, regime.zone))
    for at, arrivals in _arrivals(window):
        _let_pass(course, before=at)
        for kind, point in arrivals:
            course.known.setdefault(kind, []).append(point)
        _forget_held(course, {kind for kind, _ in arrivals})
        fresh = _fresh(course, {point.id for _, point in arrivals})
        again = [breach for breach, _ in course.waiting.values()]
        for breach in sorted([*again, *fresh], key=lambda one: (one.point.at, one.point.id)):
            _judge(course, breach, at)
    _let_pass(course, before=int(now.timestamp()) + 1)
    return sorted(course.fired, key=lambda one: one.at)


def _arrivals(window: Window) -> Iterator[tuple[int, list[tuple[ReadingKind, Point]]]]:
    """The readings by the second in which they were measured."""
    points = [(kind, point) for kind, points in window.items() for point in points]
    ordered = sorted(points, key=lambda one: (one[1].at, one[0], one[1].id))
    for at, together in groupby(ordered, key=lambda one: one[1].at):
        yield at, list(together)


def _evaluations(window: Window, now: datetime, zone: ZoneInfo) -> list[tuple[int, date]]:
    """When the average of blood pressures is evaluated, and as of which of the patient's days; the last one first."""
    pressures = window.get(ReadingKind.BLOOD_PRESSURE)
    if not pressures:
        return []
    day, found = datetime.fromtimestamp(pressures[0].at, zone).date(), []
    while (moment := datetime.combine(day, time(EVALUATED_FROM), zone)) <= now:
        found.append((int(moment.timestamp()), day))
        day += timedelta(days=1)
    return found[::-1]


def _fresh(course: _Course, ids: Collection[str]) -> list[Breach]:
    regime = course.regime
    return fresh_breaches(
        course.known,
        ids,
        regime.thresholds,
        regime.zone,
        heart_failure=regime.heart_failure,
        on_diuretics=regime.on_diuretics,
    )


def _let_pass(course: _Course, *, before: int) -> None:
    """What time alone brings before a moment, in its order: waits that end, and the daily average."""
    while True:
        ends = [(until, 0, key) for key, (_, until) in course.waiting.items()]
        ends += [(one.until, 1, (rule, "")) for rule, one in course.spoken.items() if one.held is not None]
        ends += [(at, 2, (RuleCode.BLOOD_PRESSURE_AVERAGE, "")) for at, _ in course.evaluations[-1:]]
        at, what, key = min(ends, default=(before, 0, None))
        if at >= before or key is None:
            return
        if what == 0:
            _judge(course, course.waiting[key][0], at)
        elif what == 1:
            _open_held(course, key[0])
        else:
            _evaluate(course, *course.evaluations.pop())


def _judge(course: _Course, breach: Breach, at: int) -> None:
    """The breach is met, waits for a repeat of the measurement, or a repeat has settled it."""
    key = (breach.rule, breach.point.id)
    course.waiting.pop(key, None)
    if course.regime.holds_back and not _is_open(course, breach.rule, at):
        pressures = course.known.get(ReadingKind.BLOOD_PRESSURE, [])
        judgement = confirm(breach, pressures, course.regime.thresholds, at)
        if judgement.standing is Standing.WAITS:
            course.waiting[key] = breach, judgement.until
        if judgement.standing is not Standing.STANDS:
            return
    _meet(course, breach, at)


def _is_open(course: _Course, rule: RuleCode, at: int) -> bool:
    """Whether the rule opened its alert at this very moment, so that what comes with it joins that alert."""
    return rule in course.spoken and course.spoken[rule].last.at == at


def _meet(course: _Course, breach: Breach, at: int) -> None:
    """The breach opens an alert, joins the one of the same moment, or is held back by the repeat limit of its rule."""
    spoken = course.spoken.get(breach.rule)
    if spoken is None:
        _fire(course, breach, at)
        return
    last = spoken.last
    if last.at == at:
        if is_worse(breach.severity, breach.excess, last.severity, last.breach.excess):
            course.fired.remove(last)
            _fire(course, breach, at)
        return
    limit = course.regime.limit(breach.rule, breach.severity)
    worse = clearly_worse(breach.rule, breach.severity, breach.excess, last.severity, last.breach.excess)
    spoke_at, now = (datetime.fromtimestamp(moment, UTC) for moment in (last.at, at))
    if opens_again(breach.severity, spoke_at, limit, now, worse=worse):
        _fire(course, breach, at)
    elif breach.rule in KIND_OF_RULE:
        spoken.held, spoken.until = breach, last.at + int(limit.total_seconds())


def _fire(course: _Course, breach: Breach, at: int) -> None:
    firing = Firing(at, breach.severity, breach)
    course.fired.append(firing)
    course.spoken[breach.rule] = _Spoken(firing)


def _open_held(course: _Course, rule: RuleCode) -> None:
    """What a repeat limit held back opens its alert when the limit ends: it is still the newest reading."""
    spoken = course.spoken[rule]
    breach, spoken.held = spoken.held, None
    if breach is not None and spoken.until - breach.point.at <= NO_DATA_AFTER:
        _fire(course, breach, spoken.until)


def _forget_held(course: _Course, kinds: Collection[ReadingKind]) -> None:
    """A newer reading of the kind speaks for itself."""
    for rule, spoken in course.spoken.items():
        kind = KIND_OF_RULE.get(rule)
        if kind is not None and kind in kinds:
            spoken.held = None


def _evaluate(course: _Course, at: int, today: date) -> None:
    """The average of the week before is judged; it warns at most."""
    regime = course.regime
    pressures = course.known.get(ReadingKind.BLOOD_PRESSURE, [])
    average = pressure_average(pressures, today, regime.zone, regime.thresholds)
    if average is None or average.band is not Band.WARNING:
        return
    midnight = int(datetime.combine(today, time(), regime.zone).timestamp())
    point = Point(midnight, (average.systolic, average.diastolic), id=f"average-{today}")
    rule = RuleCode.BLOOD_PRESSURE_AVERAGE
    _meet(course, Breach(rule, Severity.WARNING, average.excess, point, ReadingKind.BLOOD_PRESSURE), at)


def _change(rule: RuleCode, before: Sequence[Firing], after: Sequence[Firing], zone: ZoneInfo) -> RuleChange:
    old = tuple(one for one in before if one.rule is rule)
    new = tuple(one for one in after if one.rule is rule)
    return RuleChange(rule, old, new, _days(old, zone), _days(new, zone))


def _days(fired: Iterable[Firing], zone: ZoneInfo) -> tuple[date, ...]:
    """The patient's days on which the readings behind these were measured."""
    return tuple(sorted({datetime.fromtimestamp(one.breach.point.at, UTC).astimezone(zone).date() for one in fired}))


def _critical(fired: Iterable[Firing]) -> dict[tuple[RuleCode, str], Breach]:
    """The critical readings by rule; a critical one always fires, whatever spoke before it."""
    return {(one.rule, one.breach.point.id): one.breach for one in fired if one.severity is Severity.CRITICAL}


def _only_in(fired: Sequence[Firing], other: Sequence[Firing]) -> list[Breach]:
    known = _critical(other)
    return [breach for key, breach in _critical(fired).items() if key not in known]


def _lost(before: Sequence[Firing], after: Sequence[Firing], wanted: Regime) -> list[LostCritical]:
    fired = {(one.rule, one.breach.point.id): one.severity for one in after}
    return [LostCritical(breach, _severity_under(breach, wanted, fired)) for breach in _only_in(before, after)]


def _severity_under(breach: Breach, wanted: Regime, fired: Mapping[tuple[RuleCode, str], Severity]) -> Severity | None:
    """What the same reading is under other limits; a weight, which depends on others, as it fired."""
    if breach.kind is ReadingKind.WEIGHT:
        return fired.get((breach.rule, breach.point.id))
    judged = judge_point(breach.kind, breach.point, wanted.thresholds)
    found = breaches_of(breach.kind, judged, wanted.thresholds)
    return next((one.severity for one in found if one.rule is breach.rule), None)
