"""Which fields of an audited change a person is shown, and how they are masked: pure decisions."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from apps.core.patients.types import FieldChange, IdentifierType
from apps.foundation.audit.types import RowChange

MASK = "•••"
MASKED_DAY = "••••-••-••"

SHOWN_MODELS = {
    "patients.patient": "patient",
    "patients.externalidentifier": "identifier",
    "patients.coverage": "coverage",
    "patients.diagnosis": "diagnosis",
    "patients.episodeofcare": "episode",
    "patients.consentrecord": "consent",
    "patients.educationrecord": "education",
    "patients.caregoal": "goal",
    "patients.careteammember": "care_team",
    "patients.deviceassignment": "device",
    "patients.retentionreview": "retention",
    "care.medicationstatement": "medication",
    "care.note": "note",
    "triage.alertthreshold": "threshold",
}
"""Everything else that an act writes is technical (search tokens, counters, directories) or another page's."""

HIDDEN_FIELDS = frozenset(
    {
        "id",
        "practice_id",
        "patient_id",
        "mrn_tag",
        "tag",
        "version",
        "created_at",
        "updated_at",
        "recorded_at",
        "index_recipe",
        "index_key",
        "risk_score",
        "risk_level",
        "open_alerts",
        "unacknowledged_alerts",
        "worst_severity",
        "is_stale",
        "last_reading_at",
        "last_transmission_at",
        "active",
    }
)
UNFOLDED_FIELDS = frozenset({"clinical_profile", "demographics"})
"""Sealed JSON of which every entry is a field of its own."""
INITIALED_FIELDS = frozenset({"first_name", "last_name", "subscriber_first_name", "subscriber_last_name"})
"""Of a name the first letter is left, so that a reader can tell a correction from another name."""

GROUPS = {
    "name": frozenset({"first_name", "last_name"}),
    "address": frozenset({"address_lines", "city", "state", "postal_code"}),
    "clinical": frozenset({"conditions", "oxygen_target_low", "on_oxygen", "on_diuretics"}),
    "status": frozenset({"archived_at", "archived_by_id", "archive_reason", "deleted_at", "deleted_by_id"}),
}
"""Fields of a patient that a reader asks about together; every other field is a group of its own."""
_GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def field_changes(rows: Iterable[RowChange]) -> tuple[FieldChange, ...]:
    """The fields that a person is shown, in the order of the rows; of a new row only those that hold something."""
    return tuple(change for row in rows if row.model in SHOWN_MODELS for change in _of_row(row))


def group_of(change: FieldChange) -> str:
    """What a reader narrows the history to in order to see this change."""
    return _GROUP_OF.get(change.name, change.name) if change.model == "patient" else change.model


def value_text(value: Any) -> str:
    """A value of the log as plain text; "" where it is empty. Lists are read out one after the other."""
    if value is None or value is False:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(text for text in map(value_text, value.values()) if text)
    if isinstance(value, list | tuple):
        return ", ".join(text for text in map(value_text, value) if text)
    return str(value)


def masked(change: FieldChange, text: str) -> str:
    """The text with nothing left of it but that there is one; of a name of several letters the first."""
    if not text:
        return ""
    if _DAY.fullmatch(text):
        return MASKED_DAY
    return text[0] + MASK if change.name in INITIALED_FIELDS and len(text) > 1 else MASK


def _of_row(row: RowChange) -> Iterable[FieldChange]:
    model = SHOWN_MODELS[row.model]
    # A number's kind stands in the change that made it; where it is not said, the number may be an SSN.
    kind = row.after.get("type") or row.before.get("type") or IdentifierType.SOCIAL_SECURITY.value
    for name in dict.fromkeys((*row.before, *row.after)):
        if name in HIDDEN_FIELDS:
            continue
        before, after = row.before.get(name), row.after.get(name)
        if name in UNFOLDED_FIELDS:
            yield from _unfolded(model, before or {}, after or {})
        elif not _same(before, after):
            number = model == "identifier" and name == "value"
            secret = name == "ssn" or (number and kind == IdentifierType.SOCIAL_SECURITY)
            yield FieldChange(model, name, before, after, is_social_security=secret)


def _unfolded(model: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[FieldChange]:
    for name in sorted({*before, *after}):
        if not _same(before.get(name), after.get(name)):
            yield FieldChange(model, name, before.get(name), after.get(name))


def _same(before: Any, after: Any) -> bool:
    return bool(before == after or (not value_text(before) and not value_text(after)))
