"""FHIR's data types, one function each way: names, telecoms, addresses, concepts, periods."""

from typing import Any

from apps.core.patients.types import Coding, Concept, Heritage, OtherAddress, OtherName, Period, Telecom
from apps.fhir_transform.rules.elements import Element
from apps.fhir_transform.rules.vocabulary import (
    ADDRESS_TYPES,
    ADDRESS_USES,
    NAME_USES,
    TELECOM_SYSTEMS,
    TELECOM_USES,
)
from apps.fhir_transform.types import Unmapped

Resource = dict[str, Any]


def filled(**members: Any) -> Resource:
    """The members that say something, in this order; FHIR has no empty ones."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {}, ())}


def read_period(element: Element) -> Period:
    """FHIR's Period; nothing where there is none."""
    child = element.child("period")
    if child is None:
        return Period()
    found = Period(child.text("start"), child.text("end"))
    child.close()
    return found


def write_period(given: Period) -> Resource:
    """FHIR's Period."""
    return filled(start=given.start, end=given.end)


def read_coding(element: Element) -> Coding:
    """FHIR's Coding."""
    found = Coding(element.text("system"), element.text("code"), element.text("display"))
    element.close()
    return found


def write_coding(given: Coding) -> Resource:
    """FHIR's Coding."""
    return filled(system=given.system, code=given.code, display=given.display)


def read_concept(element: Element) -> Concept:
    """FHIR's CodeableConcept."""
    found = Concept(tuple(read_coding(one) for one in element.children("coding")), element.text("text"))
    element.close()
    return found


def write_concept(given: Concept) -> Resource:
    """FHIR's CodeableConcept."""
    return filled(coding=[write_coding(one) for one in given.codings], text=given.text)


def read_name(element: Element) -> OtherName:
    """FHIR's HumanName."""
    found = OtherName(
        use=element.code("use", NAME_USES),
        text=element.text("text"),
        family=element.text("family"),
        given=element.texts("given"),
        prefixes=element.texts("prefix"),
        suffixes=element.texts("suffix"),
        period=read_period(element),
    )
    element.close()
    return found


def write_name(given: OtherName) -> Resource:
    """FHIR's HumanName."""
    return filled(
        use=given.use,
        text=given.text,
        family=given.family,
        given=list(given.given),
        prefix=list(given.prefixes),
        suffix=list(given.suffixes),
        period=write_period(given.period),
    )


def read_telecom(element: Element) -> Telecom:
    """FHIR's ContactPoint."""
    found = Telecom(
        system=element.code("system", TELECOM_SYSTEMS),
        value=element.text("value"),
        use=element.code("use", TELECOM_USES),
        rank=element.number("rank"),
        period=read_period(element),
    )
    element.close()
    return found


def write_telecom(given: Telecom) -> Resource:
    """FHIR's ContactPoint."""
    return filled(
        system=given.system, value=given.value, use=given.use, rank=given.rank, period=write_period(given.period)
    )


def read_address(element: Element) -> OtherAddress:
    """FHIR's Address."""
    found = OtherAddress(
        use=element.code("use", ADDRESS_USES),
        type=element.code("type", ADDRESS_TYPES),
        text=element.text("text"),
        lines=element.texts("line"),
        city=element.text("city"),
        district=element.text("district"),
        state=element.text("state"),
        postal_code=element.text("postalCode"),
        country=element.text("country"),
        period=read_period(element),
    )
    element.close()
    return found


def write_address(given: OtherAddress) -> Resource:
    """FHIR's Address."""
    return filled(
        use=given.use,
        type=given.type,
        text=given.text,
        line=list(given.lines),
        city=given.city,
        district=given.district,
        state=given.state,
        postalCode=given.postal_code,
        country=given.country,
        period=write_period(given.period),
    )


def read_heritage(element: Element) -> Heritage:
    """US Core's race or ethnicity extension."""
    categories: list[Coding] = []
    detailed: list[Coding] = []
    text = ""
    element.take("url")
    for part in element.children("extension"):
        kind = part.take("url")
        coding = part.child("valueCoding") if kind in ("ombCategory", "detailed") else None
        if coding is not None:
            (categories if kind == "ombCategory" else detailed).append(read_coding(coding))
        elif kind == "text" and not text:
            text = part.text("valueString")
        else:
            part.drop(Unmapped.SECOND if kind == "text" else Unmapped.NO_PLACE)
        part.close()
    element.close()
    return Heritage(tuple(categories), tuple(detailed), text)


def write_heritage(url: str, given: Heritage) -> Resource:
    """US Core's race or ethnicity extension, whose text is required."""
    parts: list[Resource] = [
        *({"url": "ombCategory", "valueCoding": write_coding(one)} for one in given.categories),
        *({"url": "detailed", "valueCoding": write_coding(one)} for one in given.detailed),
    ]
    words = given.words or "Unknown"
    return {"url": url, "extension": [*parts, {"url": "text", "valueString": words}]}
