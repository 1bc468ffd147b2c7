"""Sentences made of stored facts, in the reader's language: numbers with units, ages, reasons."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from apps.core.observations.types import Metric, ReadingKind
from apps.core.triage.rules.window import METRICS, TENTHS, long_id
from apps.core.triage.selectors.pressure_words import average_text
from apps.core.triage.selectors.symptom_words import red_flags_text
from apps.core.triage.types import Band, Direction, LatestValue, PartCode, PartLine, RuleCode, Severity, SymptomSeverity

OLD_AFTER = timedelta(hours=72)

KIND_LABELS = {
    ReadingKind.BLOOD_PRESSURE: _lazy("BP"),
    ReadingKind.PULSE: _lazy("pulse"),
    ReadingKind.SPO2: _lazy("SpO2"),
    ReadingKind.GLUCOSE: _lazy("glucose"),
    ReadingKind.WEIGHT: _lazy("weight"),
}
METRIC_LABELS = {
    Metric.SYSTOLIC: _lazy("systolic"),
    Metric.DIASTOLIC: _lazy("diastolic"),
    Metric.PULSE: _lazy("pulse"),
    Metric.SPO2: _lazy("SpO2"),
    Metric.GLUCOSE: _lazy("glucose"),
    Metric.WEIGHT: _lazy("weight"),
}
UNITS = {
    ReadingKind.BLOOD_PRESSURE: "mmHg",
    ReadingKind.PULSE: "bpm",
    ReadingKind.SPO2: "%",
    ReadingKind.GLUCOSE: "mg/dL",
    ReadingKind.WEIGHT: "kg",
}
PART_LABELS = {
    PartCode.CURRENT: _lazy("Worst current reading"),
    PartCode.OTHER_METRICS: _lazy("Other readings"),
    PartCode.PERSISTENCE: _lazy("Persistence"),
    PartCode.TREND: _lazy("Trend"),
    PartCode.MISSING_DATA: _lazy("Missing data"),
    PartCode.UNATTENDED: _lazy("Waiting for a person"),
    PartCode.SYMPTOM: _lazy("Reported symptom"),
    PartCode.FLOOR: _lazy("Raised"),
    PartCode.CAP: _lazy("Limited"),
}


def reading_text(facts: Mapping[str, Any]) -> str:
    """The value without its unit: "168/102", "HI", "81.2"."""
    if facts.get("mark"):
        return "LO" if facts["mark"] < 0 else "HI"
    if facts["kind"] == ReadingKind.WEIGHT:
        return str(Decimal(facts["values"][0]) / TENTHS)
    return "/".join(str(value) for value in facts["values"])


def named_reading(facts: Mapping[str, Any]) -> str:
    """The value with its name, or the change that a weight rule saw: "BP 168/102", "weight +2.4 kg in 3 days"."""
    if facts.get("change"):
        change = Decimal(facts["change"]) / TENTHS
        return ngettext(
            "weight %(change)s kg in %(days)s day", "weight %(change)s kg in %(days)s days", facts["days"]
        ) % {"change": f"{change:+}", "days": facts["days"]}
    return f"{KIND_LABELS[ReadingKind(facts['kind'])]} {reading_text(facts)}"


def moment_text(seconds: int, now: datetime, zone: ZoneInfo) -> str:
    """When, in the patient's own time: "today 07:12", "yesterday 21:40", "Mar 12, 07:12", "today 07:12 PDT".

    The zone is named where its clock differs from the reader's, which is the practice's.
    """
    local = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    days = (now.astimezone(zone).date() - local.date()).days
    clock = f"{local:%H:%M}{zone_suffix(local)}"
    if days == 0:
        return _("today %(clock)s") % {"clock": clock}
    if days == 1:
        return _("yesterday %(clock)s") % {"clock": clock}
    return f"{date_format(local, 'M j')}, {clock}"


def zone_suffix(local: datetime) -> str:
    """The name of a local time's zone, after a space, where the reader's clock shows another time; else nothing."""
    return "" if local.utcoffset() == timezone.localtime(local).utcoffset() else f" {local.tzname()}"


def dated(text: str, facts: Mapping[str, Any], now: datetime, zone: ZoneInfo, *, always: bool = False) -> str:
    """What a reading says, with the moment of measurement unless that is today: an old value never looks present."""
    at = facts.get("at")
    if at is None or not (always or datetime.fromtimestamp(at, zone).date() != now.astimezone(zone).date()):
        return text
    return f"{text} ({moment_text(at, now, zone)})"


def days_without_data(days: int) -> str:
    """ "No data for 4 days"."""
    if days < 1:
        return _("No data yet")
    return ngettext("No data for %(days)s day", "No data for %(days)s days", days) % {"days": days}


def _silence(board: Mapping[str, Any]) -> str:
    silent = days_without_data(board["missed"])
    reported = board.get("symptom", SymptomSeverity.NONE) != SymptomSeverity.NONE
    return f"{silent}, {_('symptom reported')}" if reported else silent


def part_lines(board: Mapping[str, Any], now: datetime) -> tuple[PartLine, ...]:
    """The lines of the score in words."""
    zone = ZoneInfo(board["zone"])
    about = _kind_in_question(board)
    return tuple(
        PartLine(
            code=part["code"],
            label=str(PART_LABELS[PartCode(part["code"])]),
            points=part["points"],
            explanation=explain(PartCode(part["code"]), part["facts"], now, zone, about),
            observation_ids=tuple(str(long_id(short)) for short in _ids(part["facts"])),
        )
        for part in board["parts"]
    )


def part_points(board: Mapping[str, Any]) -> tuple[PartLine, ...]:
    """The lines of the score by name and points alone."""
    return tuple(
        PartLine(part["code"], str(PART_LABELS[PartCode(part["code"])]), part["points"], "") for part in board["parts"]
    )


def _ids(facts: Mapping[str, Any]) -> Sequence[str]:
    if "readings" in facts and isinstance(facts["readings"], list):
        return [short for reading in facts["readings"] for short in reading["ids"]]
    return list(facts.get("ids", ()))


def _kind_in_question(board: Mapping[str, Any]) -> str:
    """The kind of the reading that leads the score; what is said about another kind must name it."""
    return next((part["facts"]["kind"] for part in board["parts"] if part["code"] == PartCode.CURRENT), "")


def explain(code: PartCode, facts: Mapping[str, Any], now: datetime, zone: ZoneInfo, about: str = "") -> str:
    """One line of the score as a phrase: what earned the points. Of another kind than `about`, it says of which."""
    match code:
        case PartCode.CURRENT:
            return f"{named_reading(facts)} {moment_text(facts['at'], now, zone)}"
        case PartCode.OTHER_METRICS:
            return ", ".join(dated(named_reading(reading), reading, now, zone) for reading in facts["readings"])
        case PartCode.PERSISTENCE:
            return _persistence(facts, about)
        case PartCode.TREND:
            return _trend(facts, about)
        case PartCode.MISSING_DATA:
            return days_without_data(facts["days"]).lower()
        case PartCode.UNATTENDED:
            return _("nobody has taken the alert since %(moment)s") % {"moment": moment_text(facts["since"], now, zone)}
        case PartCode.SYMPTOM:
            return _("red-flag symptom reported") if facts["symptom"] == "red_flag" else _("symptom reported")
        case PartCode.FLOOR:
            return _FLOORS[facts["because"]] % {"to": facts["to"]}
        case PartCode.CAP:
            return _("limited to %(to)s") % {"to": facts["to"]}


_FLOORS = {
    "critical_alert": _lazy("raised to %(to)s because a critical alert is open"),
    "warning_alert": _lazy("raised to %(to)s because a warning alert is open"),
    "red_flag": _lazy("raised to %(to)s because of a red-flag symptom"),
}


def _persistence(facts: Mapping[str, Any], about: str) -> str:
    text = _persistence_text(facts) % {
        "days": facts["days"],
        "count": facts["readings"],
        "low": facts.get("low"),
        "high": facts.get("high"),
    }
    return text if facts["kind"] == about else f"{KIND_LABELS[ReadingKind(facts['kind'])]} {text}"


def _persistence_text(facts: Mapping[str, Any]) -> str:
    over_days = facts["days"] >= 3
    if facts["direction"] == Direction.LOW:
        return _("low on %(days)s of 7 days") if over_days else _("low in %(count)s of the last 3 readings")
    if facts["direction"] == Direction.HIGH:
        return _("high on %(days)s of 7 days") if over_days else _("high in %(count)s of the last 3 readings")
    if over_days:
        return _("out of range on %(days)s of 7 days (%(low)s low, %(high)s high)")
    return _("out of range in %(count)s of the last 3 readings (%(low)s low, %(high)s high)")


def _trend(facts: Mapping[str, Any], about: str) -> str:
    """Where it is heading: "rising" of the reading that leads the line, "pulse rising" of anything else.

    A slope and a shift of different metrics are both said, each with its name.
    """
    slope, shift = facts.get("slope"), facts.get("shift")
    if slope and shift and slope["metric"] != shift["metric"]:
        return f"{_named_trend(slope, _slope_word(slope), '')}, {_named_trend(shift, _shift_word(shift), '')}"
    if slope:
        return _named_trend(slope, _slope_word(slope), about)
    return _named_trend(shift, _shift_word(shift), about) if shift else ""


def _slope_word(slope: Mapping[str, Any]) -> str:
    return _("falling") if slope["direction"] == Direction.LOW else _("rising")


def _shift_word(shift: Mapping[str, Any]) -> str:
    return _("lower than usual") if shift["direction"] == Direction.LOW else _("higher than usual")


def _named_trend(found: Mapping[str, Any], phrase: str, about: str) -> str:
    metric = Metric(found["metric"])
    return phrase if about and metric in METRICS[ReadingKind(about)] else f"{METRIC_LABELS[metric]} {phrase}"


def score_text(board: Mapping[str, Any], lines: Sequence[PartLine]) -> str:
    """The whole score as a sum: "62 = 30 BP 168/102 today 07:12 + 10 glucose 262 + ..."."""
    if board["score"] is None:
        return _silence(board)
    text = f"{board['score']} ="
    for index, line in enumerate(lines):
        sign = (" -" if line.points < 0 else " +") if index else ""
        text += f"{sign} {abs(line.points)} {line.explanation}"
    return text if board["parts"] else f"{text} 0"


def reason_text(board: Mapping[str, Any], now: datetime) -> str:
    """Why this patient stands where they stand, in one line."""
    if board["score"] is None:
        return _silence(board)
    zone = ZoneInfo(board["zone"])
    phrases, shown = [], []
    about = _kind_in_question(board)
    for part in board["parts"]:
        code, facts = PartCode(part["code"]), part["facts"]
        if code is PartCode.CURRENT:
            shown.append(facts)
            phrases.append(dated(named_reading(facts), facts, now, zone))
        elif code is PartCode.OTHER_METRICS:
            shown += facts["readings"][:2]
            phrases += [dated(named_reading(reading), reading, now, zone) for reading in facts["readings"][:2]]
        elif code is PartCode.PERSISTENCE:
            phrases.append(_persistence(facts, about))
        elif code is PartCode.TREND:
            phrases.append(_trend(facts, about))
        elif code is PartCode.MISSING_DATA:
            phrases.append(days_without_data(facts["days"]).lower())
        elif code is PartCode.FLOOR:
            phrases = _with_open_alert(phrases, shown, board, now, zone)
    if not phrases:
        phrases = [board_alert_title(alert, now, zone) for alert in board["alerts"]] or _nothing_wrong(board, now)
    return ", ".join([*phrases, *_waiting(board, now, zone)])


def _waiting(board: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> list[str]:
    """Until when a breach waits for a repeat of the measurement, on the patient's clock; nothing once that is over."""
    until = max((held[-1] for held in board.get("held", ())), default=0)
    if until <= now.timestamp():
        return []
    local = datetime.fromtimestamp(until, zone)
    return [_("waiting for a repeat until %(clock)s") % {"clock": f"{local:%H:%M}{zone_suffix(local)}"}]


def _with_open_alert(
    phrases: list[str], shown: Sequence[Mapping[str, Any]], board: Mapping[str, Any], now: datetime, zone: ZoneInfo
) -> list[str]:
    """The phrases behind the alert that holds the score up, where they have moved on from what opened it."""
    asking = [alert for alert in board["alerts"] if alert["severity"] != Severity.NOTICE]
    if not asking:
        return phrases
    gravest = next((alert for alert in asking if alert["severity"] == Severity.CRITICAL), asking[0])
    facts = gravest["facts"]
    if any(all(one.get(name) == facts.get(name) for name in ("kind", "values", "at")) for one in shown):
        return phrases
    return [board_alert_title(gravest, now, zone), *phrases]


def _nothing_wrong(board: Mapping[str, Any], now: datetime) -> list[str]:
    """ "in range" only of what is current and judged by a limit; else what of it is, and what is old or not judged."""
    in_range, unjudged, old = [], [], []
    for facts in board["latest"]:
        kind = ReadingKind(facts["kind"])
        age = now - datetime.fromtimestamp(facts["at"], UTC)
        if age > OLD_AFTER:
            last = ngettext(
                "%(kind)s last %(value)s, %(days)s day ago", "%(kind)s last %(value)s, %(days)s days ago", age.days
            )
            old.append(last % {"kind": KIND_LABELS[kind], "value": reading_text(facts), "days": age.days})
        elif facts.get("judged", kind is not ReadingKind.WEIGHT):
            in_range.append(str(KIND_LABELS[kind]))
        else:
            unjudged.append(_("no limits for %(kind)s") % {"kind": KIND_LABELS[kind]})
    if not (in_range or unjudged or old):
        return [days_without_data(board["missed"])]
    if not (unjudged or old):
        return [_("in range")]
    named = [_("%(kinds)s in range") % {"kinds": ", ".join(in_range)}] if in_range else []
    return [*named, *old, *unjudged]


def board_alert_title(alert: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> str:
    """The title of an alert of the board's summary."""
    return alert_title(alert["rule"], alert["facts"], now, zone, last_at=alert.get("last_at"))


def alert_title(rule: str, facts: Mapping[str, Any], now: datetime, zone: ZoneInfo, last_at: int | None = None) -> str:
    """What the alert is about: its worst reading, a held reading, or days without data.

    With its moment, unless that is today and nothing came after it.
    """
    if rule == RuleCode.NON_COMPLIANT:
        return days_without_data(facts["days"])
    if rule == RuleCode.UNVERIFIED_CRITICAL:
        values = ", ".join(f"{METRIC_LABELS[Metric(name)]} {value}" for name, value in facts["metrics"].items())
        text = _("Unverified: %(values)s") % {"values": values}
    elif rule == RuleCode.SYMPTOM_RED_FLAG:
        text = _("Patient reports: %(symptoms)s") % {"symptoms": red_flags_text(facts["symptoms"])}
    elif rule == RuleCode.BLOOD_PRESSURE_AVERAGE:
        return average_text(facts)
    else:
        text = named_reading(facts)
        text = text[:1].upper() + text[1:]
    followed = last_at is not None and last_at > facts.get("at", last_at)
    return dated(text, facts, now, zone, always=followed)


def latest_values(board: Mapping[str, Any], now: datetime) -> tuple[LatestValue, ...]:
    """The newest value of each kind."""
    return tuple(
        LatestValue(
            kind=facts["kind"],
            label=str(KIND_LABELS[ReadingKind(facts["kind"])]),
            text=reading_text(facts),
            unit=UNITS[ReadingKind(facts["kind"])],
            effective_at=(at := datetime.fromtimestamp(facts["at"], UTC)),
            band=Band(facts["band"]).value,
            is_old=now - at > OLD_AFTER,
            observation_id=str(long_id(facts["ids"][0])),
        )
        for facts in board["latest"]
    )


def confidence_text(board: Mapping[str, Any]) -> str:
    """How complete the week behind the score is: "5 of 7 expected days with readings"."""
    return _("%(days)s of %(expected)s expected days with readings") % {
        "days": min(board["days_with_readings"], board["days_expected"]),
        "expected": board["days_expected"],
    }


_WOULD_LOWER = {
    PartCode.CURRENT: _lazy("a new reading in range, or time: points fade over 72 hours"),
    PartCode.OTHER_METRICS: _lazy("new readings of the other metrics in range"),
    PartCode.PERSISTENCE: _lazy("more days in range: the last 7 days count"),
    PartCode.TREND: _lazy("readings that stop moving towards the next band"),
    PartCode.MISSING_DATA: _lazy("any new reading"),
    PartCode.UNATTENDED: _lazy("somebody acknowledging the alert"),
    PartCode.FLOOR: _lazy("resolving the open alert"),
}


def would_lower(board: Mapping[str, Any]) -> tuple[str, ...]:
    """What would take points away, in the order of the lines."""
    codes = [PartCode(part["code"]) for part in board["parts"]]
    return tuple(str(_WOULD_LOWER[code]) for code in codes if code in _WOULD_LOWER)
