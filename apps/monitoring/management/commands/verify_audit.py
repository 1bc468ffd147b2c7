"""`manage.py verify_audit`: walks along the chains of the trail and compares them with every checkpoint."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.monitoring.services import verify_chains


class Command(BaseCommand):
    """Each verdict stands in the chain that it speaks of. Ends with 1 when a chain is broken."""

    help = "Verifies the audit trail of the platform and of every practice, or of one practice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", type=UUID, help="the id of one practice")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = verify_chains(practice_id=options["practice"], by=Actor.system("verify-audit"))
        for practice_id, report in reports.items():
            name = "platform" if practice_id == PLATFORM_ID else str(practice_id)
            verdict = "OK" if report.ok else f"BROKEN at row {report.first_bad}: {report.reason}"
            unread = f", {report.unread} second places did not answer" if report.unread else ""
            self.stdout.write(f"{name}: {verdict}, {report.rows} rows, {report.checkpoints} checkpoints{unread}")
        broken = sum(not report.ok for report in reports.values())
        if broken:
            raise CommandError(f"{broken} of {len(reports)} chains are broken")
