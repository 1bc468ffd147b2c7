"""The shapes of the FHIR addresses in JSON."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from apps.fhir_api.forms import UNMAPPED_WORDS
from apps.fhir_transform.types import UnmappedElement


class UnmappedSerializer(serializers.Serializer[Any]):
    """One element that was not kept as it was, without its value."""

    path = serializers.CharField(help_text="The FHIR path.")
    reason = serializers.CharField(help_text="A stable code.")
    text = serializers.CharField(help_text="The same in words.")


class ImportedPatientSerializer(serializers.Serializer[Any]):
    """The new patient, and what could not be kept."""

    id = serializers.UUIDField()
    unmapped = UnmappedSerializer(many=True)


def unmapped_json(elements: Iterable[UnmappedElement]) -> list[dict[str, Any]]:
    """The report for a program."""
    return [{"path": one.path, "reason": one.reason.value, "text": str(UNMAPPED_WORDS[one.reason])} for one in elements]
