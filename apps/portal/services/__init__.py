"""What a patient takes along. Everything else that the portal writes goes through the doors of the floors below."""

from apps.portal.services.copies import fhir_copy, pdf_copy

__all__ = ["fhir_copy", "pdf_copy"]
