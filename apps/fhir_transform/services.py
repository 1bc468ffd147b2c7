"""The FHIR boundary as the rest of the product calls it."""

from typing import Any

from apps.fhir_transform.rules import observation_resource
from apps.fhir_transform.types import FhirObservationInput


def observation_to_fhir(given: FhirObservationInput) -> dict[str, Any]:
    """The Observation as a FHIR R4 resource, ready to be serialised. Raises ValueError when it has no FHIR form."""
    return observation_resource(given)
