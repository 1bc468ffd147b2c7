"""The JSON of signing in, exactly as the customer's documents show it."""

from typing import Any

from rest_framework import serializers

from apps.foundation.notifications.types import Channel
from apps.foundation.web.serializers import StrictSerializer

_LONGEST_EMAIL = 254
_LONGEST_SECRET = 500
_LONGEST_CODE = 40
_LONGEST_PASSWORD = 1_000


class SignInSerializer(StrictSerializer):
    """E-mail and password."""

    email = serializers.CharField(max_length=_LONGEST_EMAIL)
    password = serializers.CharField(max_length=_LONGEST_PASSWORD, trim_whitespace=False, write_only=True)


class VerifySerializer(StrictSerializer):
    """The challenge that sign-in answered, and a code."""

    challenge = serializers.CharField(max_length=_LONGEST_SECRET, write_only=True)
    code = serializers.CharField(
        max_length=_LONGEST_CODE, write_only=True, help_text="Six digits of the app, or a recovery code."
    )


class RefreshSerializer(StrictSerializer):
    """The newest refresh token."""

    refresh = serializers.CharField(max_length=_LONGEST_SECRET, write_only=True)


class TokensSerializer(serializers.Serializer[Any]):
    """What a program works with."""

    access = serializers.CharField(help_text="For the header `Authorization: Bearer …`; lives 15 minutes.")
    refresh = serializers.CharField(help_text="Gets the next pair, once; the sign-in ends after 24 hours.")


class ChallengeSerializer(serializers.Serializer[Any]):
    """The password was right and a code is owed."""

    mfa_required = serializers.BooleanField(default=True)
    challenge = serializers.CharField(help_text="Send it back with the code to /api/v1/auth/login/verify/.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class RegisterSerializer(StrictSerializer):
    """What an app says of itself. `environment` matters for iPhones only."""

    platform = serializers.ChoiceField([Channel.FCM.value, Channel.APNS.value])
    token = serializers.CharField(max_length=4096, write_only=True)
    label = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)  # type: ignore[assignment]
    environment = serializers.ChoiceField(["production", "sandbox"], required=False, default="production")


class DeviceSerializer(serializers.Serializer[Any]):
    """One phone or browser."""

    id = serializers.UUIDField()
    platform = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    registered_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class DeviceListSerializer(serializers.Serializer[Any]):
    """All of whoever asks."""

    results = DeviceSerializer(many=True)
