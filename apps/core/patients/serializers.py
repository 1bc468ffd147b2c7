"""The JSON of patients: what may be sent, and the shape of the answers (C-5, C-9).

Answers are built by functions, which costs a tenth of a serializer's time; the serializers of answers describe them in
the OpenAPI document.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.core.patients.rules.panels import REASON_MAX, REASON_MIN
from apps.core.patients.rules.patients import MRN_MAX_BY_HAND, NAME_MAX
from apps.core.patients.types import Gender, PatientDetail, PatientStatus, RiskLevel
from apps.foundation.web.serializers import PageSerializer, StrictSerializer

LINE_MAX = 200
LINES_MAX = 10
GENDERS = [gender.value for gender in Gender]
STATUSES = [PatientStatus.ACTIVE.value, PatientStatus.ARCHIVED.value]
ANY_STATUS = "all"
LEVELS = [level.value for level in RiskLevel]
COUNTRIES = frozenset({"US", "USA"})
_ZIP_NAMES = ("zip", "postal_code", "postalCode")
_OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True, "allow_blank": True}


class AddressSerializer(StrictSerializer):
    """Takes `line1`, `line2`, `zip`; or `line`, `postal_code`; or `line`, `postalCode`, `country`; also mixed.

    Where one thing is said twice, both must say the same. Lines from the third on are kept only if `line` has them.
    """

    line1 = serializers.CharField(max_length=LINE_MAX, **_OPTIONAL)
    line2 = serializers.CharField(max_length=LINE_MAX, **_OPTIONAL)
    line = serializers.ListField(
        child=serializers.CharField(max_length=LINE_MAX, allow_blank=True),
        max_length=LINES_MAX,
        required=False,
        allow_null=True,
    )
    city = serializers.CharField(max_length=100, **_OPTIONAL)
    state = serializers.CharField(max_length=20, help_text="Two letters.", **_OPTIONAL)
    zip = serializers.CharField(max_length=20, help_text="Five digits, or ZIP+4.", **_OPTIONAL)
    postal_code = serializers.CharField(max_length=20, **_OPTIONAL)
    postalCode = serializers.CharField(max_length=20, **_OPTIONAL)  # noqa: N815
    country = serializers.CharField(max_length=20, help_text="US, the only one.", **_OPTIONAL)

    def validate_country(self, value: str | None) -> str:
        """State and ZIP are those of one country, so no other can be kept."""
        if value and value.strip().upper() not in COUNTRIES:
            raise serializers.ValidationError(_("Only addresses in the US can be kept."))
        return value or ""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What is said twice is said alike."""
        faults = _said_twice({name: attrs[name] for name in _ZIP_NAMES if attrs.get(name)})
        lines = [line for line in attrs.get("line") or [] if line]
        for number, name in enumerate(("line1", "line2")):
            own = attrs.get(name)
            if attrs.get("line") is not None and own and lines[number : number + 1] != [own]:
                faults[name] = [_("This and line say different things.")]
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


def _said_twice(given: Mapping[str, str]) -> dict[str, list[str]]:
    if len(set(given.values())) < 2:
        return {}
    text = _("These say different things: %(names)s.") % {"names": ", ".join(given)}
    return {name: [text] for name in given}


class PatientQuerySerializer(StrictSerializer):
    """What the list may be asked for; all of it together holds. `status` and `active` may not contradict each other."""

    q = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="Words of the name, MRN, phone or e-mail."
    )
    search = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="Words of first name, last name or MRN."
    )
    status = serializers.ChoiceField([*STATUSES, ANY_STATUS], required=False, help_text="`active` unless said.")
    active = serializers.BooleanField(required=False)
    risk_level = serializers.ChoiceField(LEVELS, required=False)
    assigned_to = serializers.CharField(max_length=36, required=False, help_text="A clinician's id, or `me`.")
    has_device = serializers.BooleanField(required=False, help_text="Whether a device is worn now.")
    non_compliant = serializers.BooleanField(
        required=False, help_text="Whether two or more transmission days in a row were missed."
    )
    created_after = serializers.DateField(required=False)
    ordering = serializers.CharField(
        max_length=30,
        required=False,
        help_text="`last_name`, `created_at`, or either with a minus; `-risk` unless said.",
    )
    page = serializers.IntegerField(min_value=1, required=False)
    page_size = serializers.IntegerField(
        min_value=1, required=False, help_text="20 unless said, 25 in the words of the search table; 100 at most."
    )

    def texts(self) -> dict[str, str]:
        """What was asked for, as an address would say it."""
        return {name: _as_text(value) for name, value in self.validated_data.items()}


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class NewPatientSerializer(StrictSerializer):
    """A new patient. Without an MRN the next number is given."""

    first_name = serializers.CharField(max_length=NAME_MAX)
    last_name = serializers.CharField(max_length=NAME_MAX)
    date_of_birth = serializers.DateField(help_text="YYYY-MM-DD, not in the future.")
    gender = serializers.ChoiceField(GENDERS)
    mrn = serializers.CharField(max_length=MRN_MAX_BY_HAND, **_OPTIONAL)
    phone = serializers.CharField(max_length=40, help_text="Kept as typed; seven digits at least.", **_OPTIONAL)
    email = serializers.CharField(max_length=254, **_OPTIONAL)
    address = AddressSerializer(required=False, allow_null=True)
    external_id = serializers.CharField(max_length=255, help_text="Of the EMR; no two patients share one.", **_OPTIONAL)
    ssn = serializers.CharField(
        max_length=11, write_only=True, help_text="Kept sealed; no answer ever holds it.", **_OPTIONAL
    )

    def values(self) -> dict[str, Any]:
        """What register_patient takes."""
        given = self.validated_data
        texts = {name: given.get(name) or "" for name in ("mrn", "phone", "email", "external_id", "ssn")}
        return {name: given[name] for name in ("first_name", "last_name", "date_of_birth", "gender")} | {
            **texts,
            **_address_values(given.get("address") or {}),
        }


class PatientChangeSerializer(NewPatientSerializer):
    """The whole patient anew: what is left out becomes empty, except `mrn`, `external_id` and `ssn`, which are kept.

    `null` empties `external_id` and `ssn`. What is no field here is kept as it was.
    """

    version = serializers.IntegerField(
        min_value=1, required=False, help_text="Of the patient that was read; another one standing answers 409."
    )

    def changes(self) -> dict[str, Any]:
        """What change_patient takes."""
        values = self.values()
        for name in ("mrn", "external_id", "ssn"):
            if name not in self.validated_data:
                del values[name]
        return values


class PatientAddressSerializer(serializers.Serializer[Any]):
    """An address in the words of both forms."""

    line1 = serializers.CharField(allow_null=True)
    line2 = serializers.CharField(allow_null=True)
    city = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    zip = serializers.CharField(allow_null=True)
    line = serializers.ListField(child=serializers.CharField())
    postal_code = serializers.CharField(allow_null=True)


class PatientSerializer(serializers.Serializer[Any]):
    """A patient as every answer shows one."""

    id = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    date_of_birth = serializers.DateField()
    gender = serializers.ChoiceField(GENDERS)
    mrn = serializers.CharField()
    active = serializers.BooleanField()
    status = serializers.ChoiceField(STATUSES)
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    address = PatientAddressSerializer()
    external_id = serializers.CharField(allow_null=True)
    risk_level = serializers.ChoiceField(LEVELS)
    risk_score = serializers.IntegerField(min_value=0, max_value=100, allow_null=True)
    active_alerts = serializers.IntegerField()
    last_transmission = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(help_text="Also the ETag; send it back with a change.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PatientPageSerializer(PageSerializer):
    """A page of patients."""

    results = PatientSerializer(many=True)


class ArchivedPatientSerializer(serializers.Serializer[Any]):
    """One line of the list of archived patients."""

    id = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    mrn = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    archived_at = serializers.DateTimeField()
    archived_by = serializers.EmailField(allow_null=True)
    archive_reason = serializers.CharField()


class ArchivedPageSerializer(PageSerializer):
    """A page of archived patients."""

    results = ArchivedPatientSerializer(many=True)


def patient_json(patient: PatientDetail) -> dict[str, Any]:
    """A patient as every answer shows one; never the SSN (C-41)."""
    banner, lines = patient.banner, patient.address_lines
    return {
        "id": banner.id,
        "first_name": banner.first_name,
        "last_name": banner.last_name,
        "date_of_birth": banner.date_of_birth,
        "gender": banner.gender.value,
        "mrn": banner.mrn,
        "active": banner.status is PatientStatus.ACTIVE,
        "status": banner.status.value,
        "phone": patient.phone or None,
        "email": patient.email or None,
        "address": {
            "line1": lines[0] if lines else None,
            "line2": lines[1] if len(lines) > 1 else None,
            "city": patient.city or None,
            "state": patient.state or None,
            "zip": patient.postal_code or None,
            "line": lines,
            "postal_code": patient.postal_code or None,
        },
        "external_id": patient.external_id or None,
        "risk_level": patient.risk_level.value,
        "risk_score": patient.risk_score,
        "active_alerts": patient.open_alerts,
        "last_transmission": patient.last_transmission_at,
        "version": patient.version,
        "created_at": patient.created_at,
        "updated_at": patient.updated_at,
    }


def archived_json(patient: PatientDetail, emails: Mapping[UUID, str]) -> dict[str, Any]:
    """One line of the list of archived patients; who archived by e-mail (C-10)."""
    banner = patient.banner
    return {
        "id": banner.id,
        "first_name": banner.first_name,
        "last_name": banner.last_name,
        "mrn": banner.mrn,
        "status": banner.status.value,
        "archived_at": patient.archived_at,
        "archived_by": emails.get(patient.archived_by_id) if patient.archived_by_id else None,
        "archive_reason": patient.archive_reason,
    }


def wire_faults(texts: Mapping[str, str], sent: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong, under the names that the caller used, such as "address.zip" for "postal_code"."""
    address = sent.get("address") or {}
    of_address = {"city": "city", "state": "state", "address_lines": "line" if address.get("line") else "line1"}
    of_address["postal_code"] = next((name for name in _ZIP_NAMES if address.get(name)), "zip")
    named = {name: f"address.{inner}" for name, inner in of_address.items()}
    return {named.get(name, name): [text] for name, text in texts.items()}


def _address_values(address: Mapping[str, Any]) -> dict[str, Any]:
    lines: Sequence[str] | None = address.get("line")
    if lines is None:
        lines = [address.get("line1") or "", address.get("line2") or ""]
    return {
        "address_lines": tuple(line for line in lines if line),
        "city": address.get("city") or "",
        "state": address.get("state") or "",
        "postal_code": next((address[name] for name in _ZIP_NAMES if address.get(name)), ""),
    }


class EmergencySerializer(StrictSerializer):
    """Why somebody opens a patient outside their panel."""

    reason = serializers.CharField(
        min_length=REASON_MIN, max_length=REASON_MAX, help_text="What makes it necessary now; reviewed afterwards."
    )


class EmergencyOpenedSerializer(serializers.Serializer[Any]):
    """Until when the patient is open."""

    expires_at = serializers.DateTimeField()
