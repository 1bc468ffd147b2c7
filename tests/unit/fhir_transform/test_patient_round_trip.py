"""Any record comes back from FHIR the same; whatever is read is taken, reported or refused."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from fhir.resources.R4B.patient import Patient
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.patients.types import (
    Coding,
    Concept,
    Contact,
    Demographics,
    Heritage,
    IdentifierInput,
    IdentifierType,
    Language,
    OtherAddress,
    OtherName,
    Period,
    Telecom,
)
from apps.fhir_transform.services import patient_from_fhir, patient_to_fhir
from apps.fhir_transform.types import FhirPatientInput, InvalidFhir
from tests.unit.fhir_transform.patients import PRINTED, RICH, lost, without

LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P"))
WORD = st.text(LETTERS, min_size=1, max_size=12)
TEXT = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
MAYBE = st.just("") | TEXT
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
CODE = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,8}", fullmatch=True)
DAY = st.dates(date(1900, 1, 1), date(2026, 1, 1))
MOMENT = st.just("") | DAY.map(str) | st.sampled_from(["2019", "2019-05", "2024-02-29T10:30:00Z"])
PERIOD = st.builds(Period, MOMENT, MOMENT)
CODING = st.builds(Coding, st.sampled_from(["", "urn:oid:1.2.3", "http://terms.example/x"]), CODE, MAYBE)
CONCEPT = st.builds(Concept, st.lists(CODING, min_size=1, max_size=2).map(tuple), MAYBE)
NAME = st.builds(
    OtherName, st.sampled_from(["", "old", "maiden", "nickname"]), MAYBE, TEXT, TEXTS, TEXTS, TEXTS, PERIOD
)
OLD_WAY = st.builds(
    Telecom,
    st.sampled_from(["phone", "email", "fax", "sms", "other"]),
    TEXT,
    st.just("old"),
    st.none() | st.integers(1, 9),
    PERIOD,
)
OLD_PLACE = st.builds(
    OtherAddress,
    st.just("old"),
    st.sampled_from(["", "postal", "both"]),
    MAYBE,
    TEXTS,
    TEXT,
    MAYBE,
    MAYBE,
    MAYBE,
    MAYBE,
    PERIOD,
)
HERITAGE = st.builds(Heritage, st.lists(CODING, max_size=2).map(tuple), st.lists(CODING, max_size=1).map(tuple), TEXT)
CONTACT = st.builds(
    Contact,
    st.lists(CONCEPT, max_size=1).map(tuple),
    st.none() | NAME,
    st.lists(OLD_WAY, max_size=2).map(tuple),
    st.none() | OLD_PLACE,
    st.sampled_from(["", "male", "other"]),
    PERIOD,
).filter(lambda one: one != Contact())
DEMOGRAPHICS = st.builds(
    Demographics,
    given_names=TEXTS,
    prefixes=TEXTS,
    suffixes=TEXTS,
    other_names=st.lists(NAME, max_size=2).map(tuple),
    telecoms=st.lists(OLD_WAY, max_size=2).map(tuple),
    addresses=st.lists(OLD_PLACE, max_size=2).map(tuple),
    marital_status=st.none() | CONCEPT,
    languages=st.lists(st.builds(Language, CONCEPT, st.none() | st.booleans()), max_size=2).map(tuple),
    race=st.none() | HERITAGE,
    ethnicity=st.none() | HERITAGE,
    birth_sex=st.sampled_from(["", "F", "M", "UNK"]),
    gender_identities=st.lists(CONCEPT, max_size=1).map(tuple),
    deceased=st.none() | st.booleans(),
    multiple_birth=st.none() | st.booleans(),
    contacts=st.lists(CONTACT, max_size=2).map(tuple),
    general_practitioners=TEXTS,
)
SYSTEM = st.sampled_from(["epic", "cerner", "my.emr", "urn:oid:2.16.1", "http://h.example/id"])
PLAIN_KINDS = [IdentifierType.PATIENT_ID, IdentifierType.DRIVER_LICENSE, IdentifierType.PASSPORT]
NUMBER = st.builds(IdentifierInput, SYSTEM, TEXT, st.sampled_from(PLAIN_KINDS))
PHONE = st.just("") | st.from_regex(r"\+1[ -]555[ -]\d{3}[ -]?\d{4}", fullmatch=True)
RECORD = st.builds(
    FhirPatientInput,
    id=st.just(UUID(int=7)),
    version=st.integers(1, 99),
    updated_at=st.just(datetime(2026, 2, 1, 9, 15, tzinfo=UTC)),
    active=st.just(True),
    first_name=TEXT,
    last_name=TEXT,
    date_of_birth=DAY,
    gender=st.sampled_from(["male", "female", "other", "unknown"]),
    mrn=st.from_regex(r"MRN-\d{5}", fullmatch=True),
    phone=PHONE,
    email=st.sampled_from(["", "a.b@c.example"]),
    address_lines=TEXTS,
    city=MAYBE,
    state=st.sampled_from(["", "MA", "IL"]),
    postal_code=st.sampled_from(["", "02139", "60614-2203"]),
    ssn=st.sampled_from(["", "900-12-3456"]),
    identifiers=st.lists(NUMBER, max_size=3, unique=True).map(tuple),
    demographics=DEMOGRAPHICS,
)
COLUMNS = (
    "first_name",
    "last_name",
    "date_of_birth",
    "gender",
    "mrn",
    "phone",
    "email",
    "city",
    "state",
    "postal_code",
)


@settings(max_examples=80, deadline=None)
@given(RECORD)
def test_a_record_comes_back_the_same(record):
    resource = patient_to_fhir(record)
    Patient.model_validate(deepcopy(resource))
    parsed = patient_from_fhir(resource)
    assert {one.path for one in parsed.unmapped} <= {"Patient.id", "Patient.meta"}
    assert {name: parsed.values[name] for name in COLUMNS} == {name: getattr(record, name) for name in COLUMNS}
    assert (parsed.values["address_lines"], parsed.values["ssn"]) == (record.address_lines, record.ssn)
    assert sorted(parsed.identifiers, key=str) == sorted(record.identifiers, key=str)
    assert parsed.demographics == record.demographics
    assert patient_to_fhir(replace(record, demographics=parsed.demographics)) == resource


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2100)
    | st.sampled_from(["", " x ", "2019-02", "old", "male", "urn:a:b"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(sorted({*RICH, "use", "url", "code"})), inner, max_size=2)
    ),
    max_leaves=6,
)


@st.composite
def bent(draw):
    """A good resource in which something was exchanged for something else."""
    resource = deepcopy(draw(st.sampled_from([RICH, PRINTED])))
    for _ in range(draw(st.integers(1, 3))):
        node = resource
        while True:
            key = draw(st.sampled_from(sorted(node))) if isinstance(node, dict) else draw(st.integers(0, len(node) - 1))
            if not isinstance(node[key], dict | list) or not node[key] or draw(st.booleans()):
                break
            node = node[key]
        node[key] = draw(JSON)
    return resource


@settings(max_examples=200, deadline=None)
@given(bent())
def test_whatever_is_read_is_taken_reported_or_refused(resource):
    before = deepcopy(resource)
    try:
        parsed = patient_from_fhir(resource)
    except InvalidFhir as refusal:
        assert refusal.faults
        return
    assert resource == before
    record = FhirPatientInput(
        id=UUID(int=7),
        version=1,
        updated_at=datetime(2026, 2, 1, 9, 15, tzinfo=UTC),
        active=True,
        identifiers=parsed.identifiers,
        demographics=parsed.demographics,
        **{**parsed.values, "mrn": parsed.values["mrn"] or "MRN-1"},
    )
    found = patient_to_fhir(record)
    Patient.model_validate(deepcopy(found))
    assert lost(without(resource, [one.path for one in parsed.unmapped]), found) == []
