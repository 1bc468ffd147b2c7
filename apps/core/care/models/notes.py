"""Notes. A signed note is never edited: what is to be added is an addendum of its own. The text is PHI, and sealed."""

from typing import Any

from django.conf import settings
from django.db import models

from apps.core.care.types import NoteKind, SignedNote
from apps.foundation.encryption.fields import SealedTextField
from apps.foundation.tenancy.models import PracticeModel

COSIGNATURE = frozenset({"cosign_asked_of_id", "cosigned_by_id", "cosigned_at"})
"""All that changes about a note after it was signed."""


class Note(PracticeModel):
    """What somebody wrote about a patient, signed by being saved; `addendum_to` names the note that it adds to."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in NoteKind])
    template = models.CharField(max_length=30, blank=True, default="")
    text = SealedTextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField()
    addendum_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="addenda")
    cosign_asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cosigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cosigned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["patient", "-written_at"], name="note_by_patient"),
            models.Index(fields=["practice", "cosign_asked_of", "cosigned_at"], name="note_to_cosign"),
        ]

    def __str__(self) -> str:
        return f"note {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and set(self._changed_values()[1]) - COSIGNATURE:
            raise SignedNote("a signed note is not edited")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise SignedNote("a signed note is not deleted")
