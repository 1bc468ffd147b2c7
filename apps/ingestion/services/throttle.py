"""The webhook's own rate limit, a runaway sender's brake rather than a defence: one for all processes together.

The gateway's deliveries come from a few addresses, so the limit counts genuine deliveries of all addresses together.
"""

from functools import lru_cache

from django.conf import settings

from apps.foundation.web.rates import Lots


def admit_delivery() -> bool:
    """Whether one more genuine delivery fits into MIO_WEBHOOK_REQUESTS_PER_MINUTE."""
    return not _lots(settings.MIO_WEBHOOK_REQUESTS_PER_MINUTE).take()


@lru_cache(maxsize=4)
def _lots(per_minute: int) -> Lots:
    return Lots("webhook", per_minute)
