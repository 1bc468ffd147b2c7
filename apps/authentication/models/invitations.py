"""Invitations of colleagues. The e-mail is a work address, not a patient's."""

from django.db import models

from apps.authentication.types import Role
from apps.foundation.tenancy.ids import new_id


class Invitation(models.Model):
    """A colleague was asked to join a practice. The link in the mail holds the secret; here stands its hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("tenancy.Practice", on_delete=models.PROTECT, related_name="+")
    email = models.EmailField()
    full_name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    is_biller = models.BooleanField(default=False)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "accepted_at"], name="invitation_open")]

    def __str__(self) -> str:
        return f"invitation {self.id}"
