"""The Django application of the MioConnect contract."""

from django.apps import AppConfig


class MioIntegrationConfig(AppConfig):
    """Registers the app; it has no models."""

    name = "apps.mio_integration"
    label = "mio_integration"
    verbose_name = "MioConnect"
