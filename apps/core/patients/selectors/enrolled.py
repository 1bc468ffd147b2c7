"""Which programs patients are in."""

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.patients.models import EpisodeOfCare
from apps.core.patients.selectors.panels import on_panel, within_panel
from apps.core.patients.selectors.patients import visible_patients
from apps.core.patients.types import Program
from apps.foundation.tenancy.types import Actor


def programs_of(patient_ids: Collection[UUID]) -> dict[UUID, tuple[Program, ...]]:
    """The programs in which each of these patients has an episode that has not ended, in one query. For the system."""
    rows = EpisodeOfCare.objects.filter(patient_id__in=set(patient_ids), ends_on__isnull=True)
    found: dict[UUID, tuple[Program, ...]] = {}
    for patient_id, program in rows.order_by("program").values_list("patient_id", "program"):
        found[patient_id] = (*found.get(patient_id, ()), Program(program))
    return found


def monitored_ids(*, program: Program | None = None, only_mine: bool = False, by: Actor) -> list[UUID]:
    """The active patients whom the actor may open, of one program or all, of their own panel or all; one query.

    Nothing of the rows is read.
    """
    by.require(Permission.PATIENT_READ)
    rows = within_panel(visible_patients().filter(active=True), by)
    if only_mine and by.person_id is not None:
        rows = rows.filter(on_panel(by.person_id, timezone.localdate()))
    if program is not None:
        enrolled = EpisodeOfCare.objects.filter(program=program, ends_on__isnull=True)
        rows = rows.filter(id__in=enrolled.values("patient_id"))
    return list(rows.order_by().values_list("id", flat=True))
