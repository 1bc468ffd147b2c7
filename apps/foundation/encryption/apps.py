"""Django's registration of the encryption app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EncryptionConfig(AppConfig):
    """The app's name and label; once the tables stand, the platform has keys."""

    name = "apps.foundation.encryption"
    label = "encryption"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_give_platform_keys, sender=self)


def _give_platform_keys(**kwargs: Any) -> None:
    from apps.foundation.encryption.keyring import PLATFORM_ID, create_keys, forget_keys, plant_canaries

    forget_keys()
    create_keys(PLATFORM_ID)
    plant_canaries()
