"""The append-only log, the things its rows speak of, and the head of each practice's chain."""

from typing import Any

import orjson
from django.db import models

from apps.foundation.audit.rules import link_message
from apps.foundation.encryption.services import open_bytes
from apps.foundation.encryption.types import Purpose


class AuditLog(models.Model):
    """One thing that happened. `detail` is a token under the practice's audit key."""

    id = models.UUIDField(primary_key=True, editable=False)
    practice_id = models.UUIDField()
    sequence = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=40)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    ip = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    detail = models.TextField()
    previous = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["practice_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["practice_id", "sequence"], name="audit_sequence")]
        indexes = [
            models.Index(fields=["practice_id", "occurred_at"], name="audit_by_time"),
            models.Index(fields=["subject_id"], name="audit_by_subject"),
            models.Index(fields=["practice_id", "actor_id", "sequence"], name="audit_by_actor"),
            models.Index(fields=["practice_id", "action", "sequence"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    def link_bytes(self) -> bytes:
        """The bytes that this row's MAC is computed over."""
        fields = [
            self.id.hex,
            self.practice_id.hex,
            str(self.sequence),
            self.occurred_at.isoformat(),
            self.actor_id.hex if self.actor_id else "",
            self.actor_role,
            self.action,
            self.subject_type,
            self.subject_id.hex if self.subject_id else "",
            self.ip,
            self.request_id,
            self.detail,
        ]
        return link_message(self.previous, fields)

    def opened_detail(self) -> dict[str, Any]:
        """What this row says, opened. Raises BrokenSeal when it was changed."""
        plaintext = open_bytes(self.practice_id, Purpose.AUDIT_DATA, self.detail, b"audit" + self.id.bytes)
        opened: dict[str, Any] = orjson.loads(plaintext)
        return opened


class AuditSubject(models.Model):
    """A further thing that a row speaks of, so that "who saw this chart" is a lookup."""

    # Of its log row, so that row-level security needs no look there.
    practice_id = models.UUIDField()
    log = models.ForeignKey(AuditLog, on_delete=models.PROTECT, related_name="others")
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField(db_index=True)

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class AuditChain(models.Model):
    """The newest link of one practice's chain."""

    practice_id = models.UUIDField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    mac = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"chain of {self.practice_id}, {self.sequence} rows"
