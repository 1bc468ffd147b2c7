"""Who can be told, as the floor above knows them."""

from django.conf import settings
from django.utils.module_loading import import_string

from apps.foundation.notifications.types import Directory


def directory() -> Directory:
    """The directory that the settings name."""
    found: Directory = import_string(settings.NOTIFICATION_DIRECTORY)()
    return found
