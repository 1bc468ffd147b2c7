"""The JSON of archiving and restoring: what may be sent, and the shape of the answers."""

from typing import Any

from rest_framework import serializers

from apps.core.patients.types import PatientStatus
from apps.foundation.web.serializers import StrictSerializer

REASON_MAX = 500
STATUSES = [PatientStatus.ACTIVE.value, PatientStatus.ARCHIVED.value]


class ArchiveSerializer(StrictSerializer):
    """Why, and what else ends with it (C-12)."""

    reason = serializers.CharField(max_length=REASON_MAX)
    finalize_billing = serializers.BooleanField(default=True, help_text="Whether the months of billing become final.")
    release_devices = serializers.BooleanField(default=True, help_text="Whether the devices are free again.")


class UnarchiveSerializer(StrictSerializer):
    """Why, where somebody wants to say."""

    reason = serializers.CharField(max_length=REASON_MAX, required=False, allow_blank=True, default="")


class RestoreSerializer(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=REASON_MAX)


class ArchivedSerializer(serializers.Serializer[Any]):
    """A patient who was archived."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(STATUSES)
    archived_at = serializers.DateTimeField()
    archived_by = serializers.EmailField(allow_null=True)
    archive_reason = serializers.CharField()


class UnarchivedSerializer(serializers.Serializer[Any]):
    """A patient who is active again."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(STATUSES)
    unarchived_at = serializers.DateTimeField()
    unarchived_by = serializers.EmailField(allow_null=True)


class RestoredSerializer(UnarchivedSerializer):
    """The same, with the justification."""

    reason = serializers.CharField()
