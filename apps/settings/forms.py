"""The shape of a practice's choices."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.authentication.selectors import list_members, members_by_id
from apps.authentication.selectors.roles import ROLE_NAMES, role_name
from apps.authentication.types import (
    MAX_TOKEN_IDLE_MINUTES,
    MIN_TOKEN_IDLE_MINUTES,
    PasswordRule,
    PolicyChoice,
    Role,
)
from apps.settings.rules import WrongLine, read_state_years, write_state_years
from apps.settings.types import (
    LADDER_STEPS,
    MAX_CRITICAL_MINUTES,
    MAX_RETENTION_YEARS,
    MAX_WARNING_MINUTES,
    MIN_CLOCK_MINUTES,
    MIN_RETENTION_YEARS,
    MrnPattern,
    PracticePreferences,
    SearchMode,
)

MRN_PATTERNS = [
    (MrnPattern.SERIAL.value, _("One series: MRN-00042")),
    (MrnPattern.YEARLY.value, _("A series for each year: MRN-2026-000042")),
]
SEARCH_MODES = [
    (
        SearchMode.PREFIX.value,
        _(
            "Beginnings of names. Typing “wil” finds Williams. Somebody who steals the database without its keys can "
            "tell which records share a beginning of a name, and guess common names by how often they occur."
        ),
    ),
    (
        SearchMode.EXACT.value,
        _(
            "Whole words. Only “williams” finds Williams. A thief can tell which records share a whole name or number, "
            "and nothing about beginnings."
        ),
    ),
    (
        SearchMode.SCAN.value,
        _(
            "No index. Every search opens every record, so it is slow above 5,000 patients. A thief learns nothing "
            "from the search."
        ),
    ),
]
DAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
LADDER_CHOICES = [
    ("nurse", _("The nurse of the patient’s care team")),
    ("provider", _("The assigned provider")),
    ("clinical_manager", _("The clinical manager")),
]
PASSWORD_RULES = [
    (
        PasswordRule.COMPOSITION.value,
        _("12 characters with a capital letter, a small letter, a digit and a special character."),
    ),
    (
        PasswordRule.LENGTH_ONLY.value,
        _(
            "Length only, as NIST advises (SP 800-63B): 12 characters for people with a second factor, "
            "15 without, and no rule about which."
        ),
    ),
]
_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PreferencesForm(forms.Form):
    """Everything that a practice chooses."""

    mrn_pattern = forms.ChoiceField(
        label=_("Medical record numbers"),
        help_text=_("How a new patient is numbered when no number is entered. Existing numbers stay."),
        choices=MRN_PATTERNS,
        widget=forms.RadioSelect,
    )
    search_mode = forms.ChoiceField(
        label=_("Search"),
        help_text=_(
            "Names are stored sealed. What search can find is what a stolen database can tell. "
            "After a change the index is rebuilt in the background."
        ),
        choices=SEARCH_MODES,
        widget=forms.RadioSelect,
    )
    only_administrators_reactivate = forms.BooleanField(
        label=_("Only administrators may reactivate archived patients"),
        help_text=_("Otherwise clinicians may do so through the API, without a justification."),
        required=False,
    )
    uses_panels = forms.BooleanField(
        label=_("Work in panels"),
        help_text=_(
            "Providers, nurses and medical assistants then open only patients whom they are assigned to or in whose "
            "care team they are. For anybody else they ask for emergency access with a reason, which administrators "
            "review. Administrators, clinical managers and data monitors still see everybody."
        ),
        required=False,
    )
    retention_years = forms.IntegerField(
        label=_("Keep archived records for (years)"),
        help_text=_("At least 6. Then an administrator is asked; nothing is erased by itself."),
        min_value=MIN_RETENTION_YEARS,
        max_value=MAX_RETENTION_YEARS,
    )
    retention_years_by_state = forms.CharField(
        label=_("Longer in some states"),
        help_text=_("One state of residence per line with its years, for example MA 20. The longer period applies."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    service_starts = forms.TimeField(label=_("Service hours begin"), widget=_TIME)
    service_ends = forms.TimeField(label=_("Service hours end"), widget=_TIME)
    service_days = forms.TypedMultipleChoiceField(
        label=_("Service days"), choices=DAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    critical_clock_minutes = forms.IntegerField(
        label=_("Critical alerts wait at most (minutes of service)"),
        help_text=_("Then the next person of the ladder is asked. People are told of a critical alert at once."),
        min_value=MIN_CLOCK_MINUTES,
        max_value=MAX_CRITICAL_MINUTES,
    )
    critical_clock_always = forms.BooleanField(
        label=_("Count the time of critical alerts day and night"),
        help_text=_("For practices with somebody on call. Otherwise the clock stands still outside service hours."),
        required=False,
    )
    warning_clock_minutes = forms.IntegerField(
        label=_("Warnings wait at most (minutes of service)"),
        min_value=MIN_CLOCK_MINUTES,
        max_value=MAX_WARNING_MINUTES,
    )
    ladder_1 = forms.ChoiceField(
        label=_("Escalation ladder: first"),
        help_text=_(
            "Who is asked when nobody has taken an alert in time. A step on which nobody stands is passed over."
        ),
    )
    ladder_2 = forms.ChoiceField(label=_("Escalation ladder: second"), required=False)
    ladder_3 = forms.ChoiceField(label=_("Escalation ladder: third"), required=False)
    ladder_4 = forms.ChoiceField(label=_("Escalation ladder: fourth"), required=False)
    holds_back_warnings = forms.BooleanField(
        label=_("Hold back repeated warnings"),
        help_text=_(
            "A first warning of a blood pressure waits up to 15 minutes for a repeat, and repeat limits keep a rule "
            "quiet after it has spoken. Critical alerts never wait."
        ),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The ladder offers the words, and everybody who works here; and whoever left, where they stand on it."""
        super().__init__(*args, **kwargs)
        staff = [role for role in Role if role is not Role.PATIENT]
        people = [(str(one.id), f"{one.full_name} ({role_name(one.role)})") for one in list_members(roles=staff)]
        offered = [*LADDER_CHOICES, *people]
        left = self._left(dict(offered))
        for place in range(1, LADDER_STEPS + 1):
            name = f"ladder_{place}"
            nobody = [] if place == 1 else [("", _("Nobody"))]
            gone = [left[name]] if name in left else []
            self.fields[name].choices = [*gone, *nobody, *offered]  # type: ignore[attr-defined]

    def _left(self, offered: Mapping[str, object]) -> dict[str, tuple[str, str]]:
        """Who stands on the ladder and works here no more, by field, with words that ask for somebody else."""
        named = {f"ladder_{place}": self.initial.get(f"ladder_{place}", "") for place in range(1, LADDER_STEPS + 1)}
        gone = {name: step for name, step in named.items() if step and step not in offered}
        known = members_by_id([UUID(step) for step in gone.values()]) if gone else {}
        words = {
            step: _now("%(name)s has left: choose again") % {"name": known[UUID(step)].full_name}
            if UUID(step) in known
            else _now("Has left: choose again")
            for step in gone.values()
        }
        return {name: (step, words[step]) for name, step in gone.items()}

    def clean_retention_years_by_state(self) -> dict[str, int]:
        """The lines as years by state."""
        try:
            return read_state_years(self.cleaned_data["retention_years_by_state"])
        except WrongLine as wrong:
            raise ValidationError(_words(wrong)) from wrong

    def clean(self) -> dict[str, Any]:
        """Service ends after it starts."""
        cleaned: dict[str, Any] = super().clean() or {}
        starts, ends = cleaned.get("service_starts"), cleaned.get("service_ends")
        if starts and ends and ends <= starts:
            self.add_error("service_ends", _("This must be later than the beginning."))
        seen: set[str] = set()
        for place in range(1, LADDER_STEPS + 1):
            step = cleaned.get(f"ladder_{place}")
            if step and step in seen:
                self.add_error(f"ladder_{place}", _("This step stands on the ladder already."))
            seen.add(step or "")
        return cleaned

    def preferences(self) -> PracticePreferences:
        """What was chosen."""
        chosen = self.cleaned_data
        return PracticePreferences(
            mrn_pattern=MrnPattern(chosen["mrn_pattern"]),
            search_mode=SearchMode(chosen["search_mode"]),
            only_administrators_reactivate=chosen["only_administrators_reactivate"],
            uses_panels=chosen["uses_panels"],
            retention_years=chosen["retention_years"],
            retention_years_by_state=chosen["retention_years_by_state"],
            service_starts=chosen["service_starts"],
            service_ends=chosen["service_ends"],
            service_days=tuple(chosen["service_days"]),
            critical_clock_minutes=chosen["critical_clock_minutes"],
            critical_clock_always=chosen["critical_clock_always"],
            warning_clock_minutes=chosen["warning_clock_minutes"],
            escalation_ladder=tuple(
                step for place in range(1, LADDER_STEPS + 1) if (step := chosen[f"ladder_{place}"])
            ),
            holds_back_warnings=chosen["holds_back_warnings"],
        )

    @staticmethod
    def values_of(chosen: PracticePreferences) -> dict[str, Any]:
        """What the form shows before anything is typed."""
        return {
            "mrn_pattern": chosen.mrn_pattern.value,
            "search_mode": chosen.search_mode.value,
            "only_administrators_reactivate": chosen.only_administrators_reactivate,
            "uses_panels": chosen.uses_panels,
            "retention_years": chosen.retention_years,
            "retention_years_by_state": write_state_years(chosen.retention_years_by_state),
            "service_starts": chosen.service_starts,
            "service_ends": chosen.service_ends,
            "service_days": list(chosen.service_days),
            "critical_clock_minutes": chosen.critical_clock_minutes,
            "critical_clock_always": chosen.critical_clock_always,
            "warning_clock_minutes": chosen.warning_clock_minutes,
            **{f"ladder_{place}": step for place, step in enumerate(chosen.escalation_ladder, start=1)},
            "holds_back_warnings": chosen.holds_back_warnings,
        }


class SecurityForm(forms.Form):
    """How strictly the practice lets its people in."""

    second_factor_roles = forms.MultipleChoiceField(
        label=_("Who needs a second factor"),
        help_text=_("They prove at each sign-in, by a code of an app on their phone, that it is they."),
        choices=[(role.value, name) for role, name in ROLE_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    single_device = forms.BooleanField(
        label=_("One device at a time"),
        help_text=_("Whoever signs in on a second device is signed out on the first."),
        required=False,
    )
    password_rule = forms.ChoiceField(
        label=_("Passwords"),
        help_text=_("Holds for passwords that are set from now on. Passwords that everybody tries are always refused."),
        choices=PASSWORD_RULES,
        widget=forms.RadioSelect,
    )
    token_idle_minutes = forms.IntegerField(
        label=_("Programs sign in again after (minutes without a request)"),
        help_text=_("At most 30, as in the browser."),
        min_value=MIN_TOKEN_IDLE_MINUTES,
        max_value=MAX_TOKEN_IDLE_MINUTES,
    )

    def policy(self) -> PolicyChoice:
        """What was chosen."""
        chosen = self.cleaned_data
        return PolicyChoice(
            second_factor_roles=frozenset(Role(role) for role in chosen["second_factor_roles"]),
            single_device=chosen["single_device"],
            password_rule=PasswordRule(chosen["password_rule"]),
            token_idle_minutes=chosen["token_idle_minutes"],
        )

    @staticmethod
    def values_of(chosen: PolicyChoice) -> dict[str, Any]:
        """What the form shows before anything is changed."""
        return {
            "second_factor_roles": [role.value for role in chosen.second_factor_roles],
            "single_device": chosen.single_device,
            "password_rule": chosen.password_rule.value,
            "token_idle_minutes": chosen.token_idle_minutes,
        }


def _words(wrong: WrongLine) -> str:
    line = {"line": wrong.line}
    return {
        "malformed": _now("“%(line)s” is not a state of two letters and a number of years.") % line,
        "unknown_state": _now("“%(line)s” does not begin with a state.") % line,
        "twice": _now("“%(line)s” names a state for the second time.") % line,
        "out_of_range": _now("“%(line)s”: between 6 and 100 years.") % line,
    }[wrong.code]
