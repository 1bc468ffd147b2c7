"""The JSON of the trail's export: what it may be asked for, and what a row of it is."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.foundation.web.serializers import StrictSerializer
from apps.monitoring.forms import person_id
from apps.monitoring.rules import ACTIONS
from apps.monitoring.types import ExportKind, Group, TrailFilters


class ExportQuerySerializer(StrictSerializer):
    """Which rows, and in which form. Both days are included, in the practice's time zone."""

    format = serializers.ChoiceField(
        [kind.value for kind in ExportKind], required=False, help_text="`csv` unless said."
    )
    start_date = serializers.DateField(required=False)
    end_date = serializers.DateField(required=False)
    action = serializers.CharField(
        max_length=60,
        required=False,
        help_text=f"A group ({', '.join(f'`{group.value}`' for group in Group)}) or one act, such as `patient.chart`.",
    )
    user = serializers.CharField(max_length=254, required=False, help_text="The e-mail of a member of the practice.")

    def validate_action(self, action: str) -> str:
        """A group or an act that exists."""
        if action not in ACTIONS and action not in set(Group):
            raise serializers.ValidationError(_("There is no such group or act."))
        return action

    def validate_user(self, email: str) -> Any:
        """The id of a member."""
        found = person_id(email)
        if found is None:
            raise serializers.ValidationError(_("Nobody of this practice has this e-mail."))
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The end does not lie before the beginning."""
        start, end = attrs.get("start_date"), attrs.get("end_date")
        if start and end and end < start:
            raise serializers.ValidationError({"end_date": [_("This day lies before the first one.")]})
        return attrs

    def filters(self) -> TrailFilters:
        """What was asked for."""
        asked = self.validated_data
        return TrailFilters(
            action=asked.get("action", ""),
            actor_id=asked.get("user"),
            start=asked.get("start_date"),
            end=asked.get("end_date"),
        )

    def kind(self) -> ExportKind:
        """The form."""
        return ExportKind(self.validated_data.get("format", ExportKind.CSV.value))


class TrailRowSerializer(serializers.Serializer[Any]):
    """One row of the trail. Values before and after, and reasons, are PHI and not part of an export."""

    sequence = serializers.IntegerField(help_text="The place in the practice's chain.")
    id = serializers.UUIDField()
    occurred_at = serializers.DateTimeField()
    actor_id = serializers.UUIDField(allow_null=True, help_text="Null for the product itself.")
    actor_email = serializers.CharField(allow_blank=True)
    actor_role = serializers.CharField()
    action = serializers.CharField()
    subject_type = serializers.CharField(allow_blank=True)
    subject_id = serializers.UUIDField(allow_null=True)
    further_subjects = serializers.ListField(child=serializers.CharField(), help_text="Each as `kind:id`.")
    changed_fields = serializers.ListField(child=serializers.CharField(), help_text="Names only, never a value.")
    ip = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)
    previous = serializers.CharField(help_text="The MAC of the row before.")
    mac = serializers.CharField()
