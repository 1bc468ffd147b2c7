"""What the printed copy of a consent says around its wording, in the language of the consent and no other."""

from apps.core.patients.types import ConsentMethod, ConsentView, Program

_TITLES = {
    ("en", Program.RPM): "Consent to remote patient monitoring",
    ("es", Program.RPM): "Consentimiento para el monitoreo remoto",
    ("en", Program.CCM): "Consent to chronic care management",
    ("es", Program.CCM): "Consentimiento para la gestión de enfermedades crónicas",
}
_METHODS = {
    ("en", ConsentMethod.VERBAL): "verbally",
    ("es", ConsentMethod.VERBAL): "verbalmente",
    ("en", ConsentMethod.SIGNED): "signed on paper",
    ("es", ConsentMethod.SIGNED): "firmado en papel",
    ("en", ConsentMethod.ELECTRONIC): "electronically",
    ("es", ConsentMethod.ELECTRONIC): "electrónicamente",
}
_LABELS = {
    "en": {
        "withdrawn": "This consent was withdrawn on",
        "patient": "Patient",
        "born": "Date of birth",
        "mrn": "Medical record number",
        "given": "Given",
        "given_by": "Given by",
        "representative": "representative",
        "recorded": "Recorded by",
        "signature": "Signature of the patient or representative",
        "date": "Date",
    },
    "es": {
        "withdrawn": "Este consentimiento se retiró el",
        "patient": "Paciente",
        "born": "Fecha de nacimiento",
        "mrn": "Número de expediente médico",
        "given": "Otorgado",
        "given_by": "Otorgado por",
        "representative": "representante",
        "recorded": "Registrado por",
        "signature": "Firma del paciente o representante",
        "date": "Fecha",
    },
}


def labels_of(consent: ConsentView) -> dict[str, str]:
    """The title and the labels of the printed copy."""
    language = consent.language
    return {
        **_LABELS[language],
        "title": _TITLES[language, consent.program],
        "method": _METHODS[language, consent.method],
    }


def wording_template(version: str, language: str) -> str:
    """The template that holds this wording."""
    return f"patients/consents/{version}.{language}.html"
