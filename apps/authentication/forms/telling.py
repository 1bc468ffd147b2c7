"""The forms in which somebody says how they want to be told, and what the log is asked for."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.authentication.types import MemberRef, Role
from apps.foundation.notifications.rules import CATALOGUE, default_means, means_for
from apps.foundation.notifications.selectors.wording import CHANNELS, GROUP_HINTS, GROUPS, MEANS, STATES, title_of
from apps.foundation.notifications.types import Group, Means, PracticePolicy, Preferences, QuietHours

_TIME = {"type": "time", "class": "input"}
_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)


class _GroupsForm(forms.Form):
    """A line for each group of kinds, with a box for each means."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group in Group:
            self.fields[group.value] = forms.MultipleChoiceField(
                label=GROUPS[group],
                help_text=GROUP_HINTS[group],
                choices=[(one.value, MEANS[one]) for one in Means],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    @property
    def grid(self) -> list[forms.BoundField]:
        """The lines, in order."""
        return [self[group.value] for group in Group]

    def chosen(self, group: Group) -> frozenset[Means]:
        """What was ticked."""
        return frozenset(Means(one) for one in self.cleaned_data[group.value])


class PreferencesForm(_GroupsForm):
    """How one person wants to be told. What agrees with the practice is not kept, and follows it when it changes."""

    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=forms.TimeInput(_TIME, "%H:%M"))
    quiet_until = forms.TimeField(label=_("until"), required=False, widget=forms.TimeInput(_TIME, "%H:%M"))
    time_zone = forms.ChoiceField(
        label=_("Your time zone"), required=False, help_text=_("By which clock your quiet hours go.")
    )
    urgent_breaks_quiet = forms.BooleanField(
        label=_("Urgent matters reach me in quiet hours too"), required=False, widget=forms.CheckboxInput
    )

    def __init__(self, *args: Any, held: Preferences, policy: PracticePolicy, role: str, **kwargs: Any) -> None:
        """Shows what holds for the person now: their own choice, else the practice's, else that of their role."""
        super().__init__(*args, **kwargs)
        self._policy, self._role = policy, role
        known = set(_ZONES) | ({held.time_zone} if held.time_zone else set())
        choices = [("", _("as the practice")), *((zone, zone.replace("_", " ")) for zone in sorted(known))]
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]
        for group in Group:
            self.initial.setdefault(group.value, [one.value for one in means_for(role, group, held, policy)])
        self.initial.setdefault("quiet_from", held.quiet.starts if held.quiet else None)
        self.initial.setdefault("quiet_until", held.quiet.ends if held.quiet else None)
        self.initial.setdefault("time_zone", held.time_zone)
        self.initial.setdefault("urgent_breaks_quiet", held.urgent_breaks_quiet)

    @property
    def push_is_fixed(self) -> bool:
        """Whether the practice insists that critical matters are pushed to people of this role."""
        return self._policy.critical_always_pushed and Means.PUSH in default_means(self._role, Group.CRITICAL)

    def clean(self) -> dict[str, Any]:
        """Quiet hours have both ends or none."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if "quiet_from" in cleaned and "quiet_until" in cleaned and (start is None) != (end is None):
            missing = "quiet_until" if end is None else "quiet_from"
            self.add_error(missing, ValidationError(_now("Quiet hours need a beginning and an end, or neither.")))
        return cleaned

    def preferences(self) -> Preferences:
        """What was chosen."""
        start, end = self.cleaned_data["quiet_from"], self.cleaned_data["quiet_until"]
        nothing = Preferences()
        own = {
            group: self.chosen(group)
            for group in Group
            if self.chosen(group) != means_for(self._role, group, nothing, self._policy)
        }
        return Preferences(
            means=own,
            quiet=QuietHours(start, end) if start is not None and end is not None else None,
            time_zone=self._known_zone(self.cleaned_data["time_zone"]),
            urgent_breaks_quiet=self.cleaned_data["urgent_breaks_quiet"],
        )

    def _known_zone(self, name: str) -> str:
        return name if name in available_timezones() else ""


class PolicyForm(_GroupsForm):
    """How a practice tells its people. A group follows the role where nothing was changed."""

    critical_always_pushed = forms.BooleanField(
        label=_("Clinicians and staff always get critical alerts by push"),
        help_text=_("Nobody can switch it off for themselves, and quiet hours do not hold it back."),
        required=False,
    )

    def __init__(self, *args: Any, held: PracticePolicy, **kwargs: Any) -> None:
        """Shows what holds for a nurse, who is one of those who watch."""
        super().__init__(*args, **kwargs)
        for group in Group:
            shown = held.means.get(group, default_means(Role.NURSE.value, group))
            self.initial.setdefault(group.value, [one.value for one in shown])
        self.initial.setdefault("critical_always_pushed", held.critical_always_pushed)

    def policy(self) -> PracticePolicy:
        """What was chosen; what every role has by itself is not kept."""
        usual = {group: default_means(Role.NURSE.value, group) for group in Group}
        means = {group: self.chosen(group) for group in Group if self.chosen(group) != usual[group]}
        return PracticePolicy(means, self.cleaned_data["critical_always_pushed"])


class LogForm(forms.Form):
    """Which deliveries are shown."""

    channel = forms.ChoiceField(
        label=_("Way"), required=False, choices=[("", _("Every way")), *((c.value, t) for c, t in CHANNELS.items())]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Every state")), *((s.value, t) for s, t in STATES.items())]
    )
    kind = forms.ChoiceField(label=_("What"), required=False)
    person = forms.TypedChoiceField(label=_("Whom"), required=False)

    def __init__(self, *args: Any, people: list[MemberRef], **kwargs: Any) -> None:
        """Offers the kinds of the catalogue and the people of the practice."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.update({"class": "input", "data-submit": ""})
        kinds = sorted(((code, title_of(code)) for code in CATALOGUE), key=lambda one: one[1])
        team = [(str(one.id), one.full_name) for one in people]
        self.fields["kind"].choices = [("", _("Everything")), *kinds]  # type: ignore[attr-defined]
        self.fields["person"].choices = [("", _("Everybody")), *team]  # type: ignore[attr-defined]
