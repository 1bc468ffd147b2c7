"""What day it is for whoever writes into a record."""

from datetime import date

from django.utils import timezone

from apps.core.patients.models import Patient
from apps.core.patients.rules.patients import local_day


def latest_day(patient: Patient) -> date:
    """Today, where the patient lives or where the practice is: the later one, so that nobody's today is refused."""
    return max(local_day(timezone.now(), patient.time_zone), timezone.localdate())
