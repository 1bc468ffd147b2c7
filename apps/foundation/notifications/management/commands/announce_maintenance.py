"""`manage.py announce_maintenance`: tell all practices when the product will not answer, or take it back."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.foundation.notifications.selectors import planned_maintenance
from apps.foundation.notifications.services import announce_maintenance, withdraw_maintenance
from apps.foundation.notifications.types import TooLateToAnnounce


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time zone is missing")
    return moment


class Command(BaseCommand):
    """Announces a window at least 48 hours ahead, once."""

    help = (
        "Announce a maintenance window to every practice, at least 48 hours ahead; without times, list what is planned."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """When, or which one not."""
        parser.add_argument("--from", dest="starts_at", type=_moment, help="e.g. 2026-12-01T02:00-05:00")
        parser.add_argument("--until", dest="ends_at", type=_moment)
        parser.add_argument("--short-notice", action="store_true", help="less than 48 hours ahead: it can't wait")
        parser.add_argument("--withdraw", type=UUID, metavar="ID", help="this one does not take place")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was done."""
        now = timezone.now()
        starts_at, ends_at = options["starts_at"], options["ends_at"]
        if options["withdraw"]:
            if not withdraw_maintenance(window_id=options["withdraw"], now=now):
                raise CommandError("no such window is announced")
        elif starts_at and ends_at:
            self._announce(starts_at, ends_at, now, options["short_notice"])
        elif starts_at or ends_at:
            raise CommandError("--from and --until go together")
        for one in planned_maintenance(now):
            self.stdout.write(f"{one.id} {one.starts_at.isoformat()} {one.ends_at.isoformat()}")

    def _announce(self, starts_at: datetime, ends_at: datetime, now: datetime, at_short_notice: bool) -> None:
        try:
            told = announce_maintenance(starts_at=starts_at, ends_at=ends_at, now=now, at_short_notice=at_short_notice)
        except TooLateToAnnounce:
            raise CommandError("less than 48 hours ahead: choose a later time, or say --short-notice") from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{told} practices told")
