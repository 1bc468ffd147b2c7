"""A person's own account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.adapter import actor_behind
from apps.authentication.forms.account import NameForm
from apps.authentication.rules.sealed_sign_in import is_placeholder
from apps.authentication.selectors.people import practices_of
from apps.authentication.selectors.roles import role_name
from apps.authentication.selectors.second_factor import second_factor_of
from apps.authentication.services.people import rename_account
from apps.foundation.web.guards import public, sign_in_url
from apps.foundation.web.pages import render_page


@public(reason="about nobody but the signed-in person, who may belong to no practice; it asks for sign-in itself")
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name, practices, password, second factor and sessions of whoever is signed in.

    A patient's name stands in their record and their address is sealed: they have an account page of their own.
    """
    user = request.user
    if not user.is_authenticated:
        return HttpResponseRedirect(sign_in_url(request))
    if is_placeholder(user.email):
        return HttpResponseRedirect(reverse("portal:account"))
    form = NameForm(request.POST if request.method == "POST" else None, initial={"full_name": user.full_name})
    if request.method == "POST" and form.is_valid():
        by = actor_behind(request, user)
        rename_account(user_id=user.pk, full_name=form.cleaned_data["full_name"], by=by)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("account"))
    context = {
        "form": form,
        "practices": [(key, name, role_name(role)) for key, name, role in practices_of(user.pk)],
        "second_factor": second_factor_of(user.pk),
    }
    return render_page(request, "account/account.html", context, status=422 if form.errors else 200)
