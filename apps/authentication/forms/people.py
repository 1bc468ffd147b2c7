"""What an administrator enters about a colleague."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.authentication.selectors.roles import ROLE_NAMES
from apps.authentication.types import Role


class RoleForm(forms.Form):
    """What a colleague may do."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, name) for role, name in ROLE_NAMES.items()])
    is_biller = forms.BooleanField(
        label=_("Also bills"), required=False, help_text=_("Sees amounts and claims beside what the role may do.")
    )

    def chosen_role(self) -> Role:
        """The role that was chosen."""
        return Role(self.cleaned_data["role"])


class InviteForm(RoleForm):
    """Who is asked to join, and as what."""

    full_name = forms.CharField(
        label=_("Full name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.EmailField(
        label=_("Work e-mail"),
        max_length=254,
        help_text=_("The link goes there and works for 7 days, once."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    field_order = ("full_name", "email", "role", "is_biller")
