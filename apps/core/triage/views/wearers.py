"""The question who measures with a device: on the chart, and its answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.authentication.types import Permission
from apps.core.patients import selectors as patients
from apps.core.patients.types import InvalidPatient, NotFound, PatientBanner
from apps.core.triage.forms.wearers import WearerForm
from apps.core.triage.selectors.wearers import wearer_questions
from apps.core.triage.services.wearers import answer_wearer
from apps.core.triage.types import WearerQuestionNotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page

ABSENT = (NotFound, WearerQuestionNotFound)


@guard(Permission.TRIAGE_READ, not_found=ABSENT)
@require_safe
def wearer(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The open questions about a patient's devices, and what was answered before. On a chart without any: nothing."""
    questions = wearer_questions(patient_id, by=request.actor)  # type: ignore[attr-defined]
    return render_page(
        request, "triage/wearer.html", _shown(patients.require_banner(patient_id), questions), partials=("wearer",)
    )


@guard(Permission.DEVICE_ASSIGN, not_found=ABSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, patient_id: UUID, question_id: UUID) -> HttpResponse:
    """Ask what was found out; then the question is closed under the person's name."""
    by = request.actor  # type: ignore[attr-defined]
    banner = patients.require_banner(patient_id)
    question = next((one for one in wearer_questions(patient_id, by=by) if one.id == question_id), None)
    if question is None:
        raise WearerQuestionNotFound("question")
    form = WearerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            answer_wearer(
                patient_id=patient_id, question_id=question_id, **form.cleaned_data, by=by, now=timezone.now()
            )
        except InvalidPatient:
            form.add_error(None, _("The record is archived and read-only. Nothing was saved."))
        except WearerQuestionNotFound:
            messages.error(request, _("Somebody else has answered meanwhile. Nothing was changed."))
            return HttpResponseRedirect(reverse("triage:wearer", args=[patient_id]))
        else:
            messages.success(request, _("Thank you: the answer is on record."))
            return HttpResponseRedirect(reverse("triage:wearer", args=[patient_id]))
    context = {"banner": banner, "question": question, "form": form}
    return render_page(request, "triage/wearer_answer.html", context, status=422 if form.errors else 200)


def _shown(banner: PatientBanner, questions: tuple) -> dict:  # type: ignore[type-arg]
    return {
        "banner": banner,
        "open": [one for one in questions if one.answered_at is None],
        "answered": [one for one in questions if one.answered_at is not None],
    }
