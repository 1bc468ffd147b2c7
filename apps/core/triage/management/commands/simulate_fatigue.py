"""manage.py simulate_fatigue: what the fatigue controls take away, and that no critical alert is among it."""

from argparse import ArgumentParser
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from apps.core.triage.rules.duty import Duty, ServiceHours
from apps.core.triage.rules.episodes import DAILY, HOURLY, WEEKLY
from apps.core.triage.rules.invented import invented_patient
from apps.core.triage.services.rehearsal import Rehearsal, rehearse
from apps.core.triage.types import RuleCode, Severity

_REPEATS = {"hour": HOURLY, "day": DAILY, "week": WEEKLY}


class Command(BaseCommand):
    """A month of invented patients twice through the real rules: with the fatigue controls and without them."""

    help = "Rehearse a month of invented patients with and without the fatigue controls. Touches no database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many patients, for how long, which of the many possible months."""
        parser.add_argument("--patients", type=int, default=100)
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--repeat", choices=sorted(_REPEATS), default="hour", help="repeat limit of warnings")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print both counts per patient-week. Fails if one critical alert differs."""
        count, days, zone = options["patients"], options["days"], ZoneInfo("America/Chicago")
        chance = Random(options["seed"])  # noqa: S311
        limits = {rule.value: {Severity.WARNING.value: _REPEATS[options["repeat"]]} for rule in RuleCode}
        controlled = Duty(ServiceHours(zone))
        begins = datetime(2026, 3, 2, 6, tzinfo=UTC)
        with_controls, without = list[Rehearsal](), list[Rehearsal]()
        for _ in range(count):
            patient = invented_patient(chance, begins=begins, days=days, zone=zone)
            for outcomes, duty in ((with_controls, controlled), (without, replace(controlled, holds_back=False))):
                outcomes.append(rehearse(patient, duty=duty, zone=zone, days=days, repeat_limits=limits))
        weeks = count * days / 7
        for name, outcomes in (("without controls", without), ("with controls", with_controls)):
            warnings, criticals = (sum(len(getattr(one, kind)) for one in outcomes) for kind in ("warning", "critical"))
            self.stdout.write(
                f"{name:<17} {warnings:>6} warnings ({warnings / weeks:.2f} per patient-week), "
                f"{criticals:>5} critical ({criticals / weeks:.2f} per patient-week)"
            )
        differing = [
            number
            for number, (one, other) in enumerate(zip(with_controls, without, strict=True))
            if (one.critical, one.urgent) != (other.critical, other.urgent)
        ]
        if differing:
            raise CommandError(f"critical alerts differ for invented patients {differing[:10]}")
        self.stdout.write("critical alerts: identical in content and time")
