"""A FHIR Patient as the values of a new record: everything is taken, or reported by its path. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.core.patients.types import Concept, Contact, Demographics, Heritage, Language, OtherName, Telecom
from apps.fhir_transform.rules.datatypes import (
    read_address,
    read_concept,
    read_heritage,
    read_name,
    read_period,
    read_telecom,
)
from apps.fhir_transform.rules.elements import Element, Report
from apps.fhir_transform.rules.patient_numbers import Numbers, read_identifiers
from apps.fhir_transform.rules.patient_places import Places, read_places
from apps.fhir_transform.rules.validation import patient_faults
from apps.fhir_transform.rules.vocabulary import (
    BIRTH_SEX,
    BIRTH_SEXES,
    ETHNICITY,
    GENDER_IDENTITY,
    GENDERS,
    LINK_TYPES,
    RACE,
)
from apps.fhir_transform.types import FhirFault, InvalidFhir, ParsedFhirPatient, Unmapped

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HL7 = re.compile(r"http://hl7\.org/fhir/(?:us/core/)?StructureDefinition/([A-Za-z-]{1,60})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE_DIGITS, _PHONE_MAX, _EMAIL_MAX = 7, 40, 254
_NAME_ORDER = ("official", "usual")
_OVER = frozenset({"old", "temp"})
_UNRANKED = 1.5
"""What is tried first goes before what has no rank, and that before what is tried second."""


def parsed_patient(resource: Any) -> ParsedFhirPatient:
    """What the resource says, in the words of the record. Raises InvalidFhir naming the elements that stand in the way.

    Nothing is dropped in silence: what is not in the result stands in `unmapped`.
    """
    faults = patient_faults(resource)
    if faults:
        raise InvalidFhir(*faults)
    report = Report()
    patient = Element(resource, "Patient", report)
    reading = _Reading(patient)
    reading.read()
    if report.faults:
        raise InvalidFhir(*report.faults)
    return reading.result(report)


@dataclass
class _Main:
    """The name, the phone and the e-mail that stand in columns, and where they were found."""

    first_name: str = ""
    last_name: str = ""
    given_names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    others: tuple[OtherName, ...] = ()
    phone: Telecom = field(default_factory=lambda: Telecom(use="home"))
    email: Telecom = field(default_factory=Telecom)
    telecoms: tuple[Telecom, ...] = ()


class _Reading:
    """One pass over one resource."""

    def __init__(self, patient: Element) -> None:
        self.patient = patient
        self.main = _Main()
        self.beyond: dict[str, Any] = {}
        self.numbers = Numbers()
        self.places = Places()
        self.born: date | None = None
        self.gender = ""
        self.paths: dict[str, str] = {"date_of_birth": "Patient.birthDate", "gender": "Patient.gender"}

    def read(self) -> None:
        """Every element is taken or reported."""
        patient = self.patient
        patient.take("resourceType")
        for name in ("id", "meta"):
            if patient.has(name):
                patient.take(name)
                patient.report(name, Unmapped.NOT_OURS)
        if patient.flag("active") is False:
            patient.report("active", Unmapped.INACTIVE)
        self.numbers = read_identifiers(patient.children("identifier"), self.paths)
        self._read_names()
        self._read_birth()
        self._read_telecoms()
        self.places = read_places(patient.children("address"), self.paths)
        self._read_extensions()
        self._read_people()
        self._read_links()
        patient.close()

    def result(self, report: Report) -> ParsedFhirPatient:
        """What was read."""
        main, places = self.main, self.places
        demographics = Demographics(
            given_names=main.given_names,
            prefixes=main.prefixes,
            suffixes=main.suffixes,
            phone_use=main.phone.use,
            phone_rank=main.phone.rank,
            phone_period=main.phone.period,
            email_use=main.email.use,
            email_rank=main.email.rank,
            email_period=main.email.period,
            other_names=main.others,
            telecoms=main.telecoms,
            address_use=places.main.use,
            address_type=places.main.type,
            address_period=places.main.period,
            district=places.main.district,
            country=places.main.country,
            addresses=places.others,
            **self.beyond,
        )
        values = {
            "first_name": main.first_name,
            "last_name": main.last_name,
            "date_of_birth": self.born,
            "gender": self.gender or "unknown",
            "mrn": self.numbers.mrn,
            "ssn": self.numbers.ssn,
            "phone": main.phone.value,
            "email": main.email.value,
            "address_lines": places.main.lines,
            "city": places.main.city,
            "state": places.main.state,
            "postal_code": places.main.postal_code,
        }
        return ParsedFhirPatient(
            values, tuple(self.numbers.others), demographics, tuple(sorted(report.unmapped)), self.paths
        )

    def _read_names(self) -> None:
        elements = self.patient.children("name")
        if not elements:
            self.patient.refuse("name", FhirFault.REQUIRED)
            return
        read = [(one, read_name(one)) for one in elements]
        at = _preferred([name.use for _, name in read])
        element, name = read.pop(at)
        if not name.family:
            element.refuse("family", FhirFault.REQUIRED)
        if not name.given:
            element.refuse("given", FhirFault.REQUIRED)
            return
        if name.use not in ("", "official"):
            element.report("use", Unmapped.CONVERTED)
        if name.text:
            element.report("text", Unmapped.REPEATS)
        if name.period.start or name.period.end:
            element.report("period")
        self.paths |= {"first_name": f"{element.path}.given[0]", "last_name": f"{element.path}.family"}
        main = self.main
        main.first_name, main.last_name, main.given_names = name.given[0], name.family, name.given[1:]
        main.prefixes, main.suffixes = name.prefixes, name.suffixes
        main.others = tuple(other for _, other in read if other != OtherName())

    def _read_birth(self) -> None:
        patient = self.patient
        given = patient.text("birthDate")
        if not given:
            patient.refuse("birthDate", FhirFault.REQUIRED)
        elif not _DAY.fullmatch(given):
            patient.refuse("birthDate", FhirFault.PARTIAL_DATE)
        else:
            self.born = _day_of(given)
            if self.born is None:
                patient.refuse("birthDate")
        if not patient.has("gender"):
            patient.report("gender", Unmapped.ASSUMED)
        self.gender = patient.code("gender", GENDERS)
        for name, value in (
            ("deceased", patient.flag("deceasedBoolean")),
            ("deceased_at", patient.text("deceasedDateTime")),
            ("multiple_birth", patient.flag("multipleBirthBoolean")),
            ("birth_order", patient.number("multipleBirthInteger")),
        ):
            self.beyond[name] = value
        marital = patient.child("maritalStatus")
        self.beyond["marital_status"] = _concept_or_none(marital)

    def _read_telecoms(self) -> None:
        read = [(one, read_telecom(one)) for one in self.patient.children("telecom")]
        kept: list[tuple[Element, Telecom]] = []
        for element, way in read:
            if not way.value:
                element.drop(Unmapped.NO_VALUE)
            elif not way.system:
                element.report("system", Unmapped.NO_SYSTEM)
                kept.append((element, Telecom("other", way.value, way.use, way.rank, way.period)))
            else:
                kept.append((element, way))
        for system, fits in (("phone", _is_phone), ("email", _is_email)):
            fitting = [one for one in kept if one[1].system == system and fits(one[1])]
            if fitting:
                chosen = min(fitting, key=lambda one: one[1].rank or _UNRANKED)
                kept.remove(chosen)
                self._take_way(system, *chosen)
        self.main.telecoms = tuple(way for _, way in kept)

    def _take_way(self, system: str, element: Element, way: Telecom) -> None:
        self.paths[system] = f"{element.path}.value"
        setattr(self.main, system, way)

    def _read_extensions(self) -> None:
        heritages: dict[str, Heritage] = {}
        identities: list[Concept] = []
        for one in self.patient.children("extension"):
            url = one.take("url")
            if url in (RACE, ETHNICITY) and url not in heritages:
                heritages[url] = read_heritage(one)
            elif url == GENDER_IDENTITY and one.has("valueCodeableConcept"):
                identities += _concepts([child for child in [one.child("valueCodeableConcept")] if child])
                one.close()
            elif url == BIRTH_SEX and one.has("valueCode") and "birth_sex" not in self.beyond:
                self._read_birth_sex(one)
            else:
                one.path += _named(url)
                one.drop(Unmapped.SECOND if url in (RACE, ETHNICITY, BIRTH_SEX) else Unmapped.NO_PLACE)
        self.beyond |= {
            "race": heritages.get(RACE),
            "ethnicity": heritages.get(ETHNICITY),
            "gender_identities": tuple(identities),
        }

    def _read_birth_sex(self, one: Element) -> None:
        code = one.text("valueCode")
        if code in BIRTH_SEXES:
            self.beyond["birth_sex"] = code
            one.close()
        else:
            one.drop(Unmapped.MALFORMED)

    def _read_people(self) -> None:
        patient = self.patient
        contacts = [_contact(one) for one in patient.children("contact")]
        languages = [_language(one) for one in patient.children("communication")]
        doctors = [_display(one) for one in patient.children("generalPractitioner")]
        self.beyond |= {
            "contacts": tuple(one for one in contacts if one != Contact()),
            "languages": tuple(one for one in languages if one is not None),
            "general_practitioners": tuple(one for one in doctors if one),
        }

    def _read_links(self) -> None:
        for one in self.patient.children("link"):
            if one.code("type", LINK_TYPES) == "replaced-by":
                one.refuse(fault=FhirFault.REPLACED)
            one.drop()


def _day_of(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _named(url: Any) -> str:
    """What an extension of HL7's own is about, for its path. Other addresses are not told again."""
    found = _HL7.fullmatch(url) if isinstance(url, str) else None
    return f" ({found[1]})" if found else ""


def _preferred(uses: list[str]) -> int:
    for wanted in _NAME_ORDER:
        if wanted in uses:
            return uses.index(wanted)
    return next((at for at, use in enumerate(uses) if use not in ("old", "maiden")), 0)


def _is_phone(way: Telecom) -> bool:
    digits = sum(one.isdecimal() for one in way.value)
    return _lasts(way) and _PHONE_DIGITS <= digits <= len(way.value) <= _PHONE_MAX


def _is_email(way: Telecom) -> bool:
    return _lasts(way) and len(way.value) <= _EMAIL_MAX and bool(_EMAIL.fullmatch(way.value))


def _lasts(way: Telecom) -> bool:
    """Whether it reaches the patient for as long as nobody says otherwise."""
    return way.use not in _OVER and not way.period.end


def _concepts(elements: Iterable[Element]) -> list[Concept]:
    return [one for one in (read_concept(element) for element in elements) if one != Concept()]


def _concept_or_none(element: Element | None) -> Concept | None:
    return next(iter(_concepts([element])), None) if element is not None else None


def _language(element: Element) -> Language | None:
    concept = _concept_or_none(element.child("language"))
    if concept is None:
        element.drop(Unmapped.NO_VALUE)
        return None
    found = Language(concept, element.flag("preferred"))
    element.close()
    return found


def _display(element: Element) -> str:
    name = element.text("display")
    if not name:
        element.drop()
    element.close()
    return name


def _contact(element: Element) -> Contact:
    name, address = element.child("name"), element.child("address")
    found = Contact(
        relationships=tuple(_concepts(element.children("relationship"))),
        name=read_name(name) if name else None,
        telecoms=tuple(read_telecom(one) for one in element.children("telecom")),
        address=read_address(address) if address else None,
        gender=element.code("gender", GENDERS),
        period=read_period(element),
    )
    element.close()
    return found
