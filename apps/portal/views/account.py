"""The patient's own account: language, password, second step, places."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.selectors import language_of, second_factor_is_on, sign_in_email
from apps.authentication.services import choose_language
from apps.core.patients import selectors as patients
from apps.foundation.web.pages import render_page
from apps.portal.forms import LanguageForm
from apps.portal.views.own import own_page


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Where everything about signing in begins; posted, the language is another one."""
    by = request.actor  # type: ignore[attr-defined]
    patients.own_patient_id(by)
    form = LanguageForm(
        request.POST if request.method == "POST" else None, initial={"language": language_of(by.user_id)}
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["language"]
        choose_language(language=chosen, by=by)
        with translation.override(chosen):
            messages.success(request, _("Saved."))
        answer = HttpResponseRedirect(reverse("portal:account"))
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
        return answer
    context = {"form": form, "email": sign_in_email(by.user_id), "has_second_factor": second_factor_is_on(by.user_id)}
    return render_page(request, "portal/account.html", context, status=422 if form.errors else 200)
