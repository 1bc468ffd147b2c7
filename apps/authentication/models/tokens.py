"""How programs get in: refresh tokens in families, and keys of services. Only hashes of secrets are kept."""

from django.db import models

from apps.authentication.models.people import User
from apps.foundation.tenancy.ids import new_id


class TokenFamily(models.Model):
    """Everything that one sign-in over the API led to. Revoked as a whole; an access token names it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="token_families")
    practice_id = models.UUIDField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    ip = models.CharField(max_length=45, blank=True)
    client = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "revoked_at"], name="token_family_open")]

    def __str__(self) -> str:
        return f"tokens of {self.user_id}"


class RefreshToken(models.Model):
    """One refresh token. It works once: `used_at` is set by compare-and-set."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    family = models.ForeignKey(TokenFamily, on_delete=models.PROTECT, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"refresh token of {self.family_id}"


class ApiKey(models.Model):
    """The key of a service that works in one practice, with the permissions named in `scopes`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("tenancy.Practice", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "revoked_at"], name="api_key_open")]

    def __str__(self) -> str:
        return f"API key {self.prefix}"
