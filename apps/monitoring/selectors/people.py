"""The names behind the ids of the trail, in as many queries for a page as for a row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from apps.authentication.selectors import members_by_id
from apps.authentication.types import MemberRef, Permission
from apps.core.patients.selectors import patient_banners
from apps.core.patients.types import PatientBanner
from apps.foundation.audit.types import Subject, TrailRow
from apps.foundation.tenancy.types import Actor
from apps.monitoring.selectors.wording import act_words, kind_words, role_words
from apps.monitoring.types import TrailLine

PATIENT = "patient"
_PERSON = "user"


@dataclass(frozen=True)
class Names:
    """Colleagues and patients by id; patients only where the reader may know them. `asked` is whom rows are about."""

    people: Mapping[UUID, MemberRef]
    patients: Mapping[UUID, PatientBanner]
    asked: UUID | None = None

    def who(self, actor_id: UUID | None) -> str:
        """The name of whoever acted; "" for the product itself and for whoever is not of this practice."""
        person = self.people.get(actor_id) if actor_id else None
        return person.full_name if person else ""

    def what(self, subject: Subject) -> str:
        """A thing by its name, or by its kind and id."""
        kind, thing_id = subject
        if kind == PATIENT and thing_id in self.patients:
            return self.patients[thing_id].display_name
        if kind == _PERSON and thing_id in self.people:
            return self.people[thing_id].full_name
        return kind_words(kind, thing_id)

    def line(self, row: TrailRow) -> TrailLine:
        """The row in words: the first thing that it speaks of by name, the others as a number."""
        subjects = row.subjects
        first = next(iter(_first(row, self.asked)), None)
        return TrailLine(
            id=row.id,
            sequence=row.sequence,
            at=row.occurred_at,
            who=self.who(row.actor_id),
            role=role_words(row.actor_role),
            act=act_words(row.action),
            action=row.action,
            about=self.what(first) if first else "",
            further=max(0, len(subjects) - 1),
            ip=row.ip,
            request_id=row.request_id,
            patient_id=first[1] if first and first[0] == PATIENT else None,
        )

    def shown_patients(self, rows: Iterable[TrailRow], *, every: bool = False) -> list[Subject]:
        """The patients whose names the reader sees: the first one of each row, or all of them."""
        named = (subject for row in rows for subject in (row.subjects if every else _first(row, self.asked)))
        return list(dict.fromkeys(one for one in named if one[0] == PATIENT and one[1] in self.patients))


def names_in(rows: Iterable[TrailRow], *, by: Actor, every: bool = False, asked: UUID | None = None) -> Names:
    """The names of whoever acted and of what the rows are about; with `every`, of all that they speak of.

    `asked` is the patient that the rows were narrowed to: the one of several to name.
    """
    people: set[UUID] = set()
    patients: set[UUID] = {asked} if asked else set()
    for row in rows:
        if row.actor_id:
            people.add(row.actor_id)
        for kind, thing_id in row.subjects if every else _first(row, asked):
            if kind == _PERSON:
                people.add(thing_id)
            elif kind == PATIENT:
                patients.add(thing_id)
    known = patient_banners(patients, by=by) if patients and by.may(Permission.PATIENT_READ) else {}
    return Names(members_by_id(people) if people else {}, known, asked)


def _first(row: TrailRow, asked: UUID | None) -> tuple[Subject, ...]:
    """What a row is about: whom it was asked for, or what it names first."""
    return tuple(one for one in row.subjects if one[1] == asked)[:1] or row.subjects[:1]
