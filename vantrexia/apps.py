"""The project as an app, so that its system checks are registered before any command runs."""

from django.apps import AppConfig


class VantrexiaConfig(AppConfig):
    """The project's name; its checks register on import."""

    name = "vantrexia"

    def ready(self) -> None:
        from vantrexia import checks  # noqa: F401
