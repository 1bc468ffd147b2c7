"""What FHIR's Patient says beyond the columns of the record. PHI, all of it; kept sealed as one value."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when, as FHIR dateTimes; "" is open or unknown."""

    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """One code of one code system, with the words that came with it."""

    system: str = ""
    code: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Concept:
    """FHIR's CodeableConcept: the same thing in one or more codes, or in words alone."""

    codings: tuple[Coding, ...] = ()
    text: str = ""

    @property
    def words(self) -> str:
        """What a person reads."""
        return self.text or next((one.display or one.code for one in self.codings), "")


@dataclass(frozen=True, slots=True)
class OtherName:
    """A further name, such as a maiden name. `use` is FHIR's."""

    use: str = ""
    text: str = ""
    family: str = ""
    given: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    period: Period = Period()

    @property
    def words(self) -> str:
        """What a person reads."""
        parts = (*self.prefixes, *self.given, self.family, *self.suffixes)
        return self.text or " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Telecom:
    """A further way to reach somebody. `system` and `use` are FHIR's; 1 is the `rank` that is tried first."""

    system: str = ""
    value: str = ""
    use: str = ""
    rank: int | None = None
    period: Period = Period()


@dataclass(frozen=True, slots=True)
class OtherAddress:
    """A further address: an earlier one, a temporary one, or one that is no address of the United States."""

    use: str = ""
    type: str = ""
    text: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    district: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    period: Period = Period()

    @property
    def words(self) -> str:
        """What a person reads."""
        place = " ".join(part for part in (self.state, self.postal_code) if part)
        parts = (*self.lines, self.city, self.district, place, self.country)
        return self.text or ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Language:
    """A language that one can talk to the patient in."""

    language: Concept
    preferred: bool | None = None


@dataclass(frozen=True, slots=True)
class Heritage:
    """Race or ethnicity as US Core asks for it: the categories of the OMB, finer ones, and words."""

    categories: tuple[Coding, ...] = ()
    detailed: tuple[Coding, ...] = ()
    text: str = ""

    @property
    def words(self) -> str:
        """What a person reads."""
        codings = (*self.categories, *self.detailed)
        return self.text or ", ".join(one.display or one.code for one in codings)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call about the patient."""

    relationships: tuple[Concept, ...] = ()
    name: OtherName | None = None
    telecoms: tuple[Telecom, ...] = ()
    address: OtherAddress | None = None
    gender: str = ""
    period: Period = Period()


@dataclass(frozen=True, slots=True)
class Demographics:
    """Everything beyond the columns. What is empty is unknown.

    The first fields say more about a column: the given names after the first, how the phone number and the address are
    used and since when, the country. `deceased_at` is a FHIR dateTime and may be a year alone; a death without a date
    is `deceased`.
    """

    given_names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    phone_use: str = "home"
    phone_rank: int | None = None
    phone_period: Period = Period()
    email_use: str = ""
    email_rank: int | None = None
    email_period: Period = Period()
    address_use: str = "home"
    address_type: str = ""
    address_period: Period = Period()
    district: str = ""
    country: str = "US"

    other_names: tuple[OtherName, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    addresses: tuple[OtherAddress, ...] = ()
    marital_status: Concept | None = None
    languages: tuple[Language, ...] = ()
    race: Heritage | None = None
    ethnicity: Heritage | None = None
    birth_sex: str = ""
    gender_identities: tuple[Concept, ...] = ()
    deceased: bool | None = None
    deceased_at: str = ""
    multiple_birth: bool | None = None
    birth_order: int | None = None
    contacts: tuple[Contact, ...] = ()
    general_practitioners: tuple[str, ...] = field(default=())

    @property
    def is_deceased(self) -> bool:
        """Whether the patient is known to have died."""
        return bool(self.deceased or self.deceased_at)
