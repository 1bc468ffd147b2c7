"""Minutes in the reader's words."""

from django.utils.translation import gettext_lazy as _

from apps.core.billing.types import EntryChange, TimeCategory, TimeSource
from apps.core.patients.types import Program

CATEGORY_NAMES = {
    TimeCategory.REVIEWING_VITALS: _("Reviewing vital signs"),
    TimeCategory.TRIAGE: _("Evaluating alerts"),
    TimeCategory.COMMUNICATION: _("Communication"),
    TimeCategory.CARE_PLAN: _("Care plan"),
}

SOURCE_NAMES = {
    TimeSource.ACTIVITY: _("Measured"),
    TimeSource.CALL: _("Call"),
    TimeSource.MESSAGE: _("Message"),
    TimeSource.NOTE: _("Note"),
    TimeSource.MANUAL: _("By hand"),
}

CHANGE_NAMES = {
    EntryChange.RECORDED: _("Recorded"),
    EntryChange.CORRECTED: _("Corrected"),
    EntryChange.WITHDRAWN: _("Withdrawn"),
    EntryChange.CUT: _("Shortened: documented work covers a part"),
}

PROGRAM_NAMES = {
    Program.RPM: _("Remote monitoring (RPM)"),
    Program.CCM: _("Chronic care management (CCM)"),
}
