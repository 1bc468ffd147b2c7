"""Patients who may be somebody already on record."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from apps.core.patients.types.patients import PatientStatus


class Likeness(StrEnum):
    """Why two records may be one person's."""

    NAME_AND_BIRTH = "name_and_birth"
    SWAPPED_NAME_AND_BIRTH = "swapped_name_and_birth"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class SimilarPatient:
    """A patient on record who resembles one being entered, and why. PHI."""

    id: UUID
    display_name: str
    date_of_birth: date
    mrn: str
    status: PatientStatus
    outside_panel: bool
    likenesses: tuple[Likeness, ...]
