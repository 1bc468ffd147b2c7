"""The form in which a service's key is issued."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.authentication.rules.tokens import KEY_SCOPES, LONGEST_KEY_DAYS
from apps.authentication.types import Permission
from apps.foundation.tenancy.types import Actor

P = Permission
SCOPE_NAMES = {
    P.PATIENT_READ: _("See patients"),
    P.PATIENT_CREATE: _("Add patients"),
    P.PATIENT_CHANGE: _("Change patients"),
    P.PATIENT_ARCHIVE: _("Archive patients"),
    P.PATIENT_UNARCHIVE: _("Take patients out of the archive"),
    P.PATIENT_HISTORY: _("See the history of a record"),
    P.OBSERVATION_READ: _("See readings"),
    P.OBSERVATION_RECORD: _("Record readings"),
    P.OBSERVATION_CORRECT: _("Correct readings"),
    P.TRIAGE_READ: _("See the triage board"),
    P.ALERT_ACKNOWLEDGE: _("Acknowledge alerts"),
    P.ALERT_SNOOZE: _("Snooze alerts"),
    P.ALERT_SNOOZE_CRITICAL: _("Snooze critical alerts"),
    P.ALERT_RESOLVE: _("Resolve alerts"),
    P.ALERT_ESCALATE: _("Escalate alerts"),
    P.THRESHOLD_CHANGE: _("Change limits"),
    P.DEVICE_READ: _("See devices"),
    P.DEVICE_REGISTER: _("Register devices"),
    P.DEVICE_ASSIGN: _("Assign devices"),
    P.QUARANTINE_READ: _("See the quarantine"),
    P.QUARANTINE_RESOLVE: _("Resolve what is in quarantine"),
    P.CARE_RECORD: _("Record calls, messages and notes"),
    P.DELIVERY_READ: _("See deliveries to the EMR"),
    P.TIME_READ: _("See monitoring time"),
    P.BILLING_READ: _("See billing"),
    P.AUDIT_READ: _("See the audit trail"),
    P.MEMBER_READ: _("See who works here"),
    P.PRIVACY_RECORD: _("Record privacy requests"),
}
_DAYS = ((30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (LONGEST_KEY_DAYS, _("a year")))


def scope_names(scopes: tuple[str, ...]) -> list[str]:
    """Scopes in words."""
    return [str(SCOPE_NAMES.get(Permission(scope), scope)) for scope in scopes]


class ApiKeyForm(forms.Form):
    """What the service is called, what it may do, and for how long."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which service uses the key, and for what."))
    days = forms.TypedChoiceField(label=_("Works for"), choices=_DAYS, coerce=int, initial=90)
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("As little as the service needs. No key signs, decides about privacy, or makes keys."),
        error_messages={"required": _("Choose at least one thing that the service may do.")},
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        """Offers what whoever issues the key may do themself."""
        super().__init__(*args, **kwargs)
        offered = [scope for scope in Permission if scope in KEY_SCOPES and by.may(scope)]
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope.value, SCOPE_NAMES.get(scope, scope.value)) for scope in offered
        ]
