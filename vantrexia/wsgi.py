"""The WSGI application that granian serves. It refuses to start on an unsafe configuration."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vantrexia.settings")

application = get_wsgi_application()

from apps.foundation.jobs.services import collect_garbage_rarely  # noqa: E402
from vantrexia.checks import (  # noqa: E402  (it needs the apps that the line above loads)
    refuse_closed_keys,
    refuse_unsafe_start,
    warn_of_weak_database,
)

refuse_unsafe_start()
refuse_closed_keys()
warn_of_weak_database()
collect_garbage_rarely()
