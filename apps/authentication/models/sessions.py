"""Who is signed in where, and how often somebody failed to be."""

from django.db import models

from apps.authentication.models.people import User
from apps.authentication.types import CounterKind
from apps.foundation.tenancy.ids import new_id


class SignedInSession(models.Model):
    """A browser in which a person signed in. The session itself lies sealed in the cache under `key_hash`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signed_in_sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()
    ip = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "ended_at"], name="signed_in_session_open")]

    def __str__(self) -> str:
        return f"session of {self.user_id}"


class SignInCounter(models.Model):
    """Failures against one account or from one address. `key` is a keyed hash, so that no typed name is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in CounterKind])
    key = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(default=0)
    first_failed_at = models.DateTimeField()
    last_failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="sign_in_counter_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.failures}"
