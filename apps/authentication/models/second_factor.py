"""What a person proves besides the password: the app on their phone, codes for the day it is lost."""

from django.db import models
from django_otp.models import Device

from apps.authentication.models.people import User
from apps.foundation.encryption.fields import SealedCharField
from apps.foundation.tenancy.ids import new_id


class TotpDevice(Device):
    """A person's authenticator app. Its secret is sealed under the platform's key; a code works once (RFC 6238)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="totp_devices")
    secret = SealedCharField(max_length=64)
    last_step = models.BigIntegerField(default=-1)
    drift = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(confirmed=True), name="totp_device_one_confirmed"
            )
        ]

    def __str__(self) -> str:
        return f"authenticator of {self.user_id}"


class RecoveryCode(models.Model):
    """One of the codes that let a person in without the app, once. Only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class SignInChallenge(models.Model):
    """A password was right and the second factor is still owed. Worth nothing by itself, and only once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"challenge to {self.user_id}"
