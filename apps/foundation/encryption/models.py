"""The wrapped keys of practices. A key in clear never stands in the database."""

from django.db import models

from apps.foundation.encryption.types import KeyState, Purpose


class DataKey(models.Model):
    """One key of one practice for one purpose, wrapped by the root key. The nil UUID is the platform."""

    practice_id = models.UUIDField()
    purpose = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Purpose])
    key_number = models.PositiveIntegerField()
    wrapped = models.TextField()
    root_fingerprint = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in KeyState])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "purpose", "key_number"], name="data_key_number"),
            models.UniqueConstraint(
                fields=["practice_id", "purpose"], condition=models.Q(state="primary"), name="data_key_one_primary"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} key {self.key_number} of {self.practice_id}"
