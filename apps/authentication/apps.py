"""The Django application of people and permissions."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AuthenticationConfig(AppConfig):
    """Registers the app; its user model is AUTH_USER_MODEL."""

    name = "apps.authentication"
    label = "authentication"
    verbose_name = "Authentication"
    default = True

    def ready(self) -> None:
        """The API's document knows our kinds of sign-in."""
        from apps.authentication import openapi  # noqa: F401


class PracticeAdminConfig(admin_apps.AdminConfig):
    """Django's admin, open to administrators of the active practice only. Listed in place of django.contrib.admin."""

    default = False
    default_site = "apps.authentication.admin_site.PracticeAdminSite"
