"""Who of the patients signs in to see their own record, and who was asked to.

PHI, and sealed: the e-mail that an invitation went to. In clear: the language of its mail, and times. The account's own
e-mail stands sealed with the account, in authentication.
"""

from django.conf import settings
from django.db import models

from apps.core.patients.models.patients import Patient
from apps.foundation.encryption.fields import SealedEmailField
from apps.foundation.tenancy.models import PracticeModel


class PortalAccess(PracticeModel):
    """This account is this patient's own, from `created_at` until `ended_at`."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="portal_accesses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(ended_at__isnull=True), name="portal_access_one_account"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at__isnull=True), name="portal_access_one_patient"
            ),
        ]

    def __str__(self) -> str:
        return f"portal access {self.id}"


class PortalInvitation(PracticeModel):
    """A patient was asked to use the portal. The link in the mail holds the secret; here stands its hash."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="portal_invitations")
    email = SealedEmailField()
    language = models.CharField(max_length=10)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="portal_invitation_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"portal invitation {self.id}"
