"""What a person brings, and every outcome in words."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.fhir_transform.services import compact_document
from apps.fhir_transform.types import FhirFault, Unmapped

DOCUMENT_MAX = 1_000_000
"""Bytes. Beside the document a form carries a few hundred more; the body ends at DATA_UPLOAD_MAX_MEMORY_SIZE."""

FAULT_WORDS: dict[FhirFault, Promise] = {
    FhirFault.NOT_JSON: _("This is not JSON."),
    FhirFault.NOT_A_RESOURCE: _("This is not a FHIR resource."),
    FhirFault.NOT_A_PATIENT: _("This resource is not a Patient."),
    FhirFault.TOO_DEEP: _("The resource is nested too deep."),
    FhirFault.REQUIRED: _("This is needed."),
    FhirFault.UNKNOWN_ELEMENT: _("FHIR R4 has no such element here."),
    FhirFault.INVALID: _("This does not have the form that FHIR R4 asks for."),
    FhirFault.UNKNOWN_CODE: _("This is not one of FHIR's codes."),
    FhirFault.PARTIAL_DATE: _("The whole date is needed: year, month and day."),
    FhirFault.CONTAINED: _("Contained resources are not taken."),
    FhirFault.MODIFIER: _("This may change what the rest means, and is not known here."),
    FhirFault.REPLACED: _("Another record replaced this one. Bring that one."),
    FhirFault.TOO_LONG: _("This is too long."),
    FhirFault.IN_FUTURE: _("This is in the future."),
    FhirFault.TOO_OLD: _("This is too long ago."),
}
UNMAPPED_WORDS: dict[Unmapped, Promise] = {
    Unmapped.NO_PLACE: _("not kept: the record has no place for it"),
    Unmapped.NOT_OURS: _("not kept: the record here has its own"),
    Unmapped.CONVERTED: _("kept in another form"),
    Unmapped.REPEATS: _("not kept: it only repeats other elements, in other words"),
    Unmapped.ASSUMED: _("missing, and taken as unknown"),
    Unmapped.INACTIVE: _("not kept: a new record is active"),
    Unmapped.NO_SYSTEM: _("its system is missing"),
    Unmapped.NO_VALUE: _("not kept: it has no value"),
    Unmapped.TOO_LONG: _("not kept: it is too long"),
    Unmapped.MALFORMED: _("not kept: it does not have the expected form"),
    Unmapped.SECOND: _("not kept: there can be one, and this is another"),
}


class ImportForm(forms.Form):
    """A FHIR document, as a file or pasted."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("JSON or NDJSON, up to 1 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.ndjson,application/fhir+json,application/json"}),
    )
    text = forms.CharField(
        label=_("Or paste it here"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "autocomplete": "off", "class": "input code"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two, as bytes under "document"."""
        cleaned = super().clean() or {}
        uploaded = cleaned.get("file")
        found = uploaded.read(DOCUMENT_MAX + 1) if uploaded else (cleaned.get("text") or "").encode()
        if not found.strip():
            self.add_error(None, _("Choose a file of up to 1 MB, or paste a document."))
        elif len(found) > DOCUMENT_MAX:
            self.add_error("file" if uploaded else "text", _("This is larger than 1 MB. Split it."))
        elif not _is_text(found):
            self.add_error("file" if uploaded else "text", _("This is not text in UTF-8."))
        else:
            cleaned["document"] = compact_document(found)
        return cleaned


def _is_text(found: bytes) -> bool:
    try:
        found.decode()
    except UnicodeDecodeError:
        return False
    return True
