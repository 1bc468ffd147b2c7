"""The door of patients who read about themselves: which record is theirs, and what of it they are shown.

Nothing here takes a patient's id: whose record it is follows from who asks, so that there is no id to change.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from apps.authentication.selectors import locks_of, sign_in_email
from apps.authentication.types import Permission
from apps.core.patients.models import ConsentRecord, PortalAccess, PortalInvitation, PrivacyRequest
from apps.core.patients.rules.portal import copy_until, is_usable
from apps.core.patients.selectors.patients import find_patient
from apps.core.patients.selectors.programs import consent_view
from apps.core.patients.types import (
    ConsentView,
    NotFound,
    OwnPerson,
    OwnRequest,
    PortalStanding,
    PrivacyKind,
    PrivacyState,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def own_patient_id(by: Actor) -> UUID:
    """The patient whose own account this is. Raises NotPermitted for the team, NotFound where the access has ended."""
    by.require(Permission.PORTAL_USE)
    found: UUID | None = (
        PortalAccess.objects.filter(user_id=by.user_id, ended_at__isnull=True, patient__deleted_at__isnull=True)
        .values_list("patient_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound("portal access")
    return found


def own_person(by: Actor) -> OwnPerson:
    """How the patient is addressed, and where and when they live. A part of pages that have recorded what they show."""
    patient = find_patient(own_patient_id(by))
    given = list(ConsentRecord.objects.filter(patient_id=patient.id).values_list("withdrawn_on", flat=True))
    stopped = bool(given) and None not in given
    return OwnPerson(patient.id, patient.first_name, patient.time_zone, is_monitored=patient.active and not stopped)


def own_consents(by: Actor) -> tuple[ConsentView, ...]:
    """What the patient agreed to, what stands first; recorded as disclosed."""
    patient_id = own_patient_id(by)
    rows = ConsentRecord.objects.filter(patient_id=patient_id).order_by(
        F("withdrawn_on").desc(nulls_first=True), "-given_on", "-id"
    )
    audit.record_disclosure("portal.record", subjects=[("patient", patient_id)], by=by)
    return tuple(consent_view(row, "") for row in rows)


def own_consent(consent_id: UUID, by: Actor) -> ConsentView:
    """One consent of the patient's own that stands. Raises NotFound."""
    for row in own_consents(by):
        if row.id == consent_id and row.withdrawn_on is None:
            return row
    raise NotFound("consent")


def own_requests(by: Actor) -> tuple[OwnRequest, ...]:
    """What the patient asked about their record, the newest first; recorded as disclosed."""
    patient_id = own_patient_id(by)
    rows = PrivacyRequest.objects.filter(patient_id=patient_id).order_by("-received_on", "-id")
    audit.record_disclosure("portal.record", subjects=[("patient", patient_id)], by=by)
    return tuple(_own_request(row) for row in rows)


def granted_copy(request_id: UUID, *, by: Actor, now: datetime) -> UUID:
    """The patient whose copy of the record was granted and may still be fetched. Raises NotFound for any other."""
    patient_id = own_patient_id(by)
    row = PrivacyRequest.objects.filter(id=request_id, patient_id=patient_id).first()
    until = None if row is None else _own_request(row).copy_until
    if until is None or now >= until:
        raise NotFound("copy")
    return patient_id


def portal_standing(patient_id: UUID, *, by: Actor, now: datetime) -> PortalStanding:
    """Whether the patient uses the portal or was asked to, for the record; recorded as disclosed. Raises NotFound."""
    by.require(Permission.PORTAL_INVITE)
    patient = find_patient(patient_id)
    access = PortalAccess.objects.filter(patient_id=patient_id, ended_at__isnull=True).first()
    asked = PortalInvitation.objects.filter(
        patient_id=patient_id, accepted_at__isnull=True, revoked_at__isnull=True
    ).first()
    email = sign_in_email(access.user_id) if access else ""
    audit.record_disclosure("portal.standing", subjects=[("patient", patient_id)], by=by)
    return PortalStanding(
        patient_id=patient_id,
        email=asked.email if asked else patient.email,
        language=asked.language if asked else "en",
        since=access.created_at if access else None,
        invitation_id=asked.id if asked else None,
        invited_at=asked.created_at if asked else None,
        expires_at=asked.expires_at if asked else None,
        invitation_over=asked is not None
        and not is_usable(expires=asked.expires_at, tries=asked.tries, closed=False, now=now),
        locked_until=locks_of([email], now).get(email) if email else None,
    )


def _own_request(row: PrivacyRequest) -> OwnRequest:
    kind, state = PrivacyKind(row.kind), PrivacyState(row.state)
    granted = kind is PrivacyKind.ACCESS and state in (PrivacyState.GRANTED, PrivacyState.PARTLY)
    return OwnRequest(
        id=row.id,
        kind=kind,
        state=state,
        received_on=row.received_on,
        due_on=row.due_on,
        text=row.text,
        closed_on=row.closed_on,
        answer=row.outcome or row.reason,
        extension_reason=row.extension_reason,
        copy_until=copy_until(row.decided_at) if granted and row.decided_at is not None else None,
    )


def account_of(patient_id: UUID) -> UUID | None:
    """The user who signs in as this patient, or None. For telling them that something waits; names nobody."""
    found: UUID | None = (
        PortalAccess.objects.filter(patient_id=patient_id, ended_at__isnull=True)
        .values_list("user_id", flat=True)
        .first()
    )
    return found
