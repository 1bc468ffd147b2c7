"""`python -m tests.faults.census`: count everything that a reading leaves behind; prints JSON."""

import json
import sys
from collections import Counter

import django


def main() -> None:
    """Count across practices, and verify each audit chain."""
    django.setup()
    from django.db.models import Count

    from apps.core.billing.models import DeviceDay
    from apps.core.observations.models import Observation
    from apps.core.triage.models import Alert
    from apps.ecw_integration.models import Delivery
    from apps.foundation.audit.models import AuditChain, AuditLog
    from apps.foundation.audit.services import verify_chain
    from apps.foundation.tenancy.services import platform_scope
    from apps.ingestion.models import QuarantinedReading, ReceivedReading, Transmission

    with platform_scope():
        observations = list(Observation.objects.values_list("reading_id", "kind", "status"))
        deliveries = Delivery.objects.values_list("observation_id", flat=True)
        twice = Alert.objects.filter(closed_at__isnull=True).values("patient", "rule").annotate(n=Count("id"))
        recorded = AuditLog.objects.filter(action="observation.record").values_list("subject_id", flat=True)
        counted = {
            "transmissions": Counter(Transmission.objects.values_list("state", flat=True)),
            "event_ids": sorted(Transmission.objects.values_list("event_id", flat=True)),
            "receipts": ReceivedReading.objects.count(),
            "reading_ids": sorted({reading_id for reading_id, _kind, _status in observations}),
            "observations": len(observations),
            "distinct_observations": len({(reading_id, kind) for reading_id, kind, _status in observations}),
            "charted": sum(status == "final" for _reading_id, _kind, status in observations),
            "deliveries": len(deliveries),
            "distinct_deliveries": len(set(deliveries)),
            "recorded_in_audit": len(recorded),
            "distinct_in_audit": len(set(recorded)),
            "device_days": DeviceDay.objects.count(),
            "distinct_device_days": DeviceDay.objects.values("patient", "local_date").distinct().count(),
            "alerts_open_twice": sum(row["n"] > 1 for row in twice),
            "quarantined": QuarantinedReading.objects.count(),
            "broken_chains": sum(
                not verify_chain(practice_id).ok
                for practice_id in AuditChain.objects.values_list("practice_id", flat=True)
            ),
        }
    sys.stdout.write(json.dumps(counted))


if __name__ == "__main__":
    main()
