"""Of several people who take one alert at the same moment exactly one wins, and the others hear who."""

from collections import Counter
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connection, connections
from django.utils import timezone

from apps.core.triage import services
from apps.core.triage.models import Alert, AlertEvent
from apps.core.triage.types import AlreadyAcknowledged
from apps.foundation.tenancy.services import scope
from tests.cast import Cast, assemble
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

ROLES = ("nurse", "provider", "clinical_manager", "admin")


def _in_memory() -> bool:
    return connection.vendor == "sqlite" and connection.is_in_memory_db()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_exactly_one_of_four_wins() -> None:
    if _in_memory():
        pytest.skip("an SQLite database in memory has one writer and no waiting: run on PostgreSQL or a file")
    cast = assemble()
    for _ in range(5):
        _one_race(cast)


def _one_race(cast: Cast) -> None:
    patient_id = enrol_patient(cast.highland)
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now, 184, 122)], now)
        alert_id = Alert.objects.get(patient_id=patient_id).id
    outcomes: list[tuple[str, str]] = []
    start = Barrier(len(ROLES))

    def acknowledge(role: str) -> None:
        try:
            outcomes.append((role, _try(cast, role, alert_id, patient_id, start)))
        finally:
            connections.close_all()

    threads = [Thread(target=acknowledge, args=(role,)) for role in ROLES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    counted = Counter(outcome for _, outcome in outcomes)
    (winner,) = [role for role, outcome in outcomes if outcome == "won"]
    name = f"{winner.replace('_', ' ').title()} of {cast.highland.name}"
    assert counted == {"won": 1, name: len(ROLES) - 1}
    with cast.highland.scope():
        assert AlertEvent.objects.filter(alert_id=alert_id, action="acknowledged").count() == 1


def _try(cast: Cast, role: str, alert_id: UUID, patient_id: UUID, start: Barrier) -> str:
    actor = cast.highland.actor(role)
    start.wait(30)
    with scope(cast.highland.id):
        try:
            services.acknowledge_alert(alert_id=alert_id, patient_id=patient_id, by=actor, now=timezone.now())
        except AlreadyAcknowledged as refusal:
            return refusal.by_name
    return "won"
