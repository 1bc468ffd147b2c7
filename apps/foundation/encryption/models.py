"""The wrapped keys of practices, and how far their exchange is. A key in clear never stands in the database."""

from django.db import models

from apps.foundation.encryption.types import KeyState, Purpose, RotationStage


class DataKey(models.Model):
    """One key of one practice for one purpose, wrapped by the root key. The nil UUID is the platform.

    A destroyed key leaves its row behind, without the key: its number is never given again.
    """

    practice_id = models.UUIDField()
    purpose = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Purpose])
    key_number = models.PositiveIntegerField()
    wrapped = models.TextField()
    canary = models.TextField(default="")
    root_fingerprint = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in KeyState])
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "purpose", "key_number"], name="data_key_number"),
            models.UniqueConstraint(
                fields=["practice_id", "purpose"], condition=models.Q(state="primary"), name="data_key_one_primary"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} key {self.key_number} of {self.practice_id}"


class RootSighting(models.Model):
    """When this installation first wrapped a key under a root key, which is known by its fingerprint alone."""

    fingerprint = models.CharField(max_length=16, primary_key=True)
    first_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"root {self.fingerprint}"


class KeyRotation(models.Model):
    """The exchange of one key for another. Whoever holds the lease works on it; a killed one is followed by the next.

    `clean_walks` counts the walks in a row that found nothing under an older key.
    """

    practice_id = models.UUIDField()
    purpose = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Purpose])
    key_number = models.PositiveIntegerField()
    stage = models.CharField(max_length=12, choices=[(s.value, s.value) for s in RotationStage])
    walks = models.PositiveIntegerField(default=0)
    clean_walks = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    primary_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    lease_owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "purpose"], condition=~models.Q(stage="done"), name="key_rotation_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"exchange for {self.purpose} key {self.key_number} of {self.practice_id}"


class RotationTable(models.Model):
    """How far the present walk over one table is: `cursor` is the last row looked at."""

    rotation = models.ForeignKey(KeyRotation, on_delete=models.PROTECT, related_name="tables")
    label = models.CharField(max_length=80)
    cursor = models.UUIDField(null=True)
    is_walked = models.BooleanField(default=False)
    total = models.PositiveBigIntegerField(default=0)
    seen = models.PositiveBigIntegerField(default=0)
    resealed = models.PositiveBigIntegerField(default=0)
    moved = models.PositiveBigIntegerField(default=0)
    left = models.PositiveBigIntegerField(default=0)
    broken = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rotation", "label"], name="rotation_table_once")]

    def __str__(self) -> str:
        return f"{self.label}, {self.seen} of {self.total}"
