"""Secure messages between a patient and the practice's team. Subject and text are PHI, and sealed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.care.types import MessageSender, SentMessage
from apps.foundation.encryption.fields import SealedCharField, SealedTextField
from apps.foundation.tenancy.models import PracticeModel

SEEN = frozenset({"read_at", "read_by"})
"""All that changes about a message after it was sent."""


class MessageThread(PracticeModel):
    """One conversation. `waits_for_team` since when the patient has had no answer; NULL while nobody waits."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    subject = SealedCharField(max_length=120)
    opened_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    waits_for_team = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["patient", "-last_message_at"], name="thread_by_patient"),
            models.Index(
                fields=["practice", "waits_for_team"], condition=Q(waits_for_team__isnull=False), name="thread_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"thread {self.id}"


class Message(PracticeModel):
    """One message, never edited. `author` is the colleague or the patient's own account."""

    thread = models.ForeignKey(MessageThread, on_delete=models.PROTECT, related_name="messages")
    sender = models.CharField(max_length=10, choices=[(s.value, s.value) for s in MessageSender])
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    template = models.CharField(max_length=30, blank=True, default="")
    text = SealedTextField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["thread", "sent_at"], name="message_in_thread")]

    def __str__(self) -> str:
        return f"message {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and set(self._changed_values()[1]) - SEEN:
            raise SentMessage("a message that was sent is not edited")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise SentMessage("a message that was sent is not deleted")
