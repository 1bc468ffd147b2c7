"""Minutes of monitoring work, and what they come to. PHI: the sealed reason; the rest says who worked when, by ids."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.core.billing.types import EntryChange, TimeCategory, TimeSource
from apps.core.patients.types import Program
from apps.foundation.encryption.fields import SealedTextField
from apps.foundation.tenancy.models import PracticeModel

_PROGRAMS = [(program.value, program.value) for program in Program]


class TimeEntry(PracticeModel):
    """A person's work on one patient: seconds of one category, counting for one program. Never changed, never deleted.

    A correction, a withdrawal (0 seconds) and a cut are new rows that name the one they replace; the row that nothing
    replaces stands. `stretches` are the milliseconds (of the epoch) that the seconds were counted from, so that the
    same time can't count twice. `role` is the person's at that time. `part` tells the halves of an entry apart that
    was split at a month's end. `local_date` is the practice's.
    """

    audit_values = False

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    program = models.CharField(max_length=10, choices=_PROGRAMS)
    category = models.CharField(max_length=20, choices=[(c.value, c.value) for c in TimeCategory])
    source = models.CharField(max_length=10, choices=[(s.value, s.value) for s in TimeSource])
    source_id = models.UUIDField()
    part = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    local_date = models.DateField()
    month = models.DateField()
    seconds = models.PositiveIntegerField()
    stretches = models.JSONField()
    interactive = models.BooleanField(default=False)
    change = models.CharField(max_length=10, choices=[(c.value, c.value) for c in EntryChange])
    reason = SealedTextField(blank=True, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "source", "source_id", "part"],
                condition=Q(replaces__isnull=True),
                name="time_entry_once",
            ),
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="time_entry_forwards"),
        ]
        indexes = [
            models.Index(fields=["patient", "month"], name="time_of_patient"),
            models.Index(fields=["person", "ended_at"], name="time_of_person"),
        ]

    def __str__(self) -> str:
        return f"time entry {self.id}"


class MonthlyTime(PracticeModel):
    """What a patient's standing entries of a month come to in a program: a count, kept as entries arrive."""

    audit_values = False

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    program = models.CharField(max_length=10, choices=_PROGRAMS)
    seconds = models.PositiveIntegerField(default=0)
    interactive_seconds = models.PositiveIntegerField(default=0)
    contacts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "month", "program"], name="monthly_time_once"),
        ]
        indexes = [models.Index(fields=["practice", "month", "program"], name="monthly_time_by_month")]

    def __str__(self) -> str:
        return f"monthly time {self.id}"
