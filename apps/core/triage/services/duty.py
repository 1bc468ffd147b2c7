"""Who watches, when, and who is asked next: the practice's choices and people as triage needs them."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.authentication import selectors as members
from apps.authentication.types import MemberRef, Role
from apps.core.patients import selectors as patients
from apps.core.patients.types import PatientContext
from apps.core.triage.rules.duty import CLINICAL_MANAGER, NURSE, PROVIDER, Duty, ServiceHours
from apps.core.triage.types import Severity
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.settings.selectors import get_preferences


def current_duty() -> Duty:
    """What the practice in scope chose, in two queries."""
    chosen = get_preferences()
    zone = ZoneInfo(get_practice(current_practice_id()).time_zone)
    return Duty(
        hours=ServiceHours(zone, chosen.service_starts, chosen.service_ends, frozenset(chosen.service_days)),
        clocks={
            Severity.CRITICAL: timedelta(minutes=chosen.critical_clock_minutes),
            Severity.WARNING: timedelta(minutes=chosen.warning_clock_minutes),
        },
        critical_always=chosen.critical_clock_always,
        holds_back=chosen.holds_back_warnings,
        ladder=chosen.escalation_ladder,
    )


class Roster:
    """The people whom the ladder may ask. Each of its queries runs when first needed."""

    def __init__(self, patient_ids: Collection[UUID]) -> None:
        self._patient_ids = patient_ids
        self._left: dict[UUID, bool] = {}

    @cached_property
    def people(self) -> Mapping[UUID, MemberRef]:
        """The active staff of the practice, by name."""
        staff = [role for role in Role if role is not Role.PATIENT]
        return {person.id: person for person in members.list_members(roles=staff)}

    def has_left(self, user_id: UUID | None) -> bool:
        """Whether this is a person who works here no more; neither nobody nor a service with a key is one."""
        if user_id is None or user_id in self.people:
            return False
        if user_id not in self._left:
            self._left[user_id] = bool(members.members_by_id([user_id]))
        return self._left[user_id]

    @cached_property
    def nurses(self) -> Mapping[UUID, tuple[UUID, ...]]:
        """The nurses in the care teams of the patients, the longest there first."""
        return patients.nurses_of(self._patient_ids)

    def next_on(self, ladder: Collection[str], step: int, context: PatientContext) -> tuple[UUID | None, int]:
        """Who comes after so many steps of the ladder, and the step they stand on; None past its end.

        Steps on which nobody stands, or nobody who still works here, are passed over.
        """
        for place, rung in enumerate(ladder, start=1):
            if place > step:
                person = self._on(rung, context)
                if person is not None:
                    return person, place
        return None, len(ladder) + 1

    def _on(self, rung: str, context: PatientContext) -> UUID | None:
        if rung == NURSE:
            found = self.nurses.get(context.id, ())
        elif rung == PROVIDER:
            found = (context.assigned_provider_id,) if context.assigned_provider_id else ()
        elif rung == CLINICAL_MANAGER:
            found = tuple(one.id for one in self.people.values() if one.role == Role.CLINICAL_MANAGER)
        else:
            found = (UUID(rung),)
        return next((person for person in found if person in self.people), None)
