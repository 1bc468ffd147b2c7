"""The addresses of a FHIR Patient: which one stands in the columns, and the others. Pure."""

import re
from dataclasses import dataclass, field, replace

from apps.core.patients.types import OtherAddress
from apps.fhir_transform.rules.datatypes import read_address
from apps.fhir_transform.rules.elements import Element
from apps.fhir_transform.rules.vocabulary import STATES, US_NAMES
from apps.fhir_transform.types import Unmapped
from apps.settings.types import US_STATES

_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
_ZIP_RUN = re.compile(r"[0-9]{9}")
_CITY_MAX = 100


@dataclass
class Places:
    """The address of the columns, with its use and country, and the further ones."""

    main: OtherAddress = field(default_factory=lambda: OtherAddress(use="home", country="US"))
    others: tuple[OtherAddress, ...] = ()


def read_places(elements: list[Element], paths: dict[str, str]) -> Places:
    """The first home address of the United States stands in the columns, else the first without a use."""
    read = [(one, read_address(one)) for one in elements]
    fitting = [pair for pair in read if _fits(pair[1])]
    chosen = next((pair for use in ("home", "") for pair in fitting if pair[1].use == use), None)
    if chosen is None:
        return Places(others=tuple(place for _, place in read if place != OtherAddress()))
    element, place = chosen
    main = replace(place, state=_state_of(place), postal_code=_zip_of(place), text="")
    if main.state != place.state:
        element.report("state", Unmapped.CONVERTED)
    if main.postal_code != place.postal_code:
        element.report("postalCode", Unmapped.CONVERTED)
    if place.text:
        element.report("text", Unmapped.REPEATS)
    paths |= {"city": f"{element.path}.city", "state": f"{element.path}.state"}
    paths |= {"postal_code": f"{element.path}.postalCode", "address_lines": f"{element.path}.line"}
    others = tuple(one for pair in read if pair is not chosen for one in [pair[1]] if one != OtherAddress())
    return Places(main, others)


def _fits(place: OtherAddress) -> bool:
    """Whether the columns can hold it: an address of the United States, in parts, for as long as it is not ended."""
    return (
        place.country.lower().rstrip(".") in US_NAMES
        and (not place.state or bool(_state_of(place)))
        and (not place.postal_code or bool(_ZIP.fullmatch(_zip_of(place))))
        and len(place.city) <= _CITY_MAX
        and bool(place.lines or place.city or place.state or place.postal_code)
        and not place.period.end
    )


def _state_of(place: OtherAddress) -> str:
    """The two letters of a state, or "" where nobody knows such a state."""
    code = place.state.upper()
    return code if code in US_STATES else STATES.get(" ".join(place.state.lower().split()), "")


def _zip_of(place: OtherAddress) -> str:
    code = place.postal_code
    return f"{code[:5]}-{code[5:]}" if _ZIP_RUN.fullmatch(code) else code
