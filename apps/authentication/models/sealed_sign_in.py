"""The e-mail with which a patient signs in: PHI, so it stands sealed and is found by a keyed tag (decision 21)."""

from django.db import models

from apps.authentication.models.people import User
from apps.foundation.encryption.fields import SealedEmailField
from apps.foundation.tenancy.ids import new_id


class SealedSignIn(models.Model):
    """The sign-in address of one patient's account. The account's own e-mail column holds a placeholder."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="sealed_sign_in")
    email = SealedEmailField()
    email_tag = models.BigIntegerField(unique=True)
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"sealed sign-in of {self.user_id}"
