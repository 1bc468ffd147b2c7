"""The jobs of monitoring."""

from apps.foundation.jobs.decorators import job, sweep
from apps.foundation.tenancy.types import Actor
from apps.monitoring import services

_AN_HOUR = 60 * 60


@job
def checkpoint_trail() -> None:
    """Once a day where the chains stand goes to the second places; one that failed is tried again every hour."""
    services.put_checkpoint_away(by=Actor.system("checkpoint-sweep"), only_due=True)


@job
def verify_trail() -> None:
    """Chains that are too long to be verified while somebody waits."""
    services.verify_asked(by=Actor.system("verify-audit"))


sweep(checkpoint_trail, every_seconds=_AN_HOUR)
