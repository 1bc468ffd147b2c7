"""Consent: recorded, withdrawn, printed."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.consent_words import labels_of, wording_template
from apps.core.patients.forms.programs import ConsentForm, WithdrawForm
from apps.core.patients.forms.words import LANGUAGES, WORDS
from apps.core.patients.rules.programs import WORDINGS
from apps.core.patients.types import PatientRecord
from apps.core.patients.views.acts import ABSENT, FORM, Asked, ask, one_open
from apps.foundation.web.documents import NoDocuments, pdf_response, render_pdf
from apps.foundation.web.guards import guard


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def consent(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask what was agreed to; the wording stands beside the form, to be read out."""
    asked = Asked(
        title=_("Record consent"),
        lead=_("Read the wording to the patient, or hand it out. A printed copy is made from what you record."),
        submit=_("Record the consent"),
        done=_("The consent is recorded."),
        extra={"wordings": _wordings(), "practice_name": request.practice_name},  # type: ignore[attr-defined]
    )
    form = ConsentForm(request.POST or None)

    return ask(request, patient_id, form, asked, services.record_consent)


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def withdraw(request: HttpRequest, patient_id: UUID, consent_id: UUID) -> HttpResponse:
    """Ask when and why a consent was taken back; its program ends with it."""
    asked = Asked(
        title=_("Withdraw consent"),
        lead=_("The program ends with the consent, in one step. Devices stay assigned until they are released."),
        submit=_("Withdraw the consent"),
        done=_("The consent is withdrawn, and its program has ended."),
        is_ending=True,
    )

    def about(found: PatientRecord) -> str:
        row = one_open(found.consents, consent_id, "withdrawn_on")
        return f"{WORDS[row.program.value]} · {row.version}"

    return ask(
        request,
        patient_id,
        WithdrawForm(request.POST or None),
        asked,
        partial(services.withdraw_consent, consent_id=consent_id),
        about,
    )


@guard(Permission.PATIENT_READ, not_found=ABSENT)
@require_safe
def consent_copy(request: HttpRequest, patient_id: UUID, consent_id: UUID) -> HttpResponse:
    """The consent as PDF, in the language in which it was given."""
    copy = selectors.consent_copy(patient_id, consent_id, by=request.actor)  # type: ignore[attr-defined]
    context = {
        "copy": copy,
        "labels": labels_of(copy.consent),
        "wording": wording_template(copy.consent.version, copy.consent.language),
    }
    try:
        drawn = render_pdf("patients/consents/document.html", context)
    except NoDocuments:
        messages.error(request, _("PDF documents cannot be made on this server. Nothing was changed."))
        return HttpResponseRedirect(reverse("patients:record", args=[patient_id]))
    return pdf_response(drawn, "consent.pdf")


def _wordings() -> list[dict[str, str]]:
    """Every wording in every language, as the form offers them."""
    named = dict(LANGUAGES)
    return [
        {
            "title": f"{one.version} · {named[language]}",
            "lang": language,
            "text": wording_template(one.version, language),
        }
        for one in WORDINGS
        for language in one.languages
    ]
