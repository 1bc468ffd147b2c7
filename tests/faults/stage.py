"""`python -m tests.faults.stage N`: people with cuffs in two practices; prints their serials as JSON."""

import json
import sys
from uuid import uuid4

import django


def main() -> None:
    """Make the practices, patients and devices through the services."""
    django.setup()
    from tests.cast import open_practice
    from tests.factories.patients import enrol_patient, give_device

    practices = [
        open_practice("Highland Primary Care", "highland.example", "America/Chicago"),
        open_practice("Lakeside", "lakeside.example", "America/New_York"),
    ]
    serials = []
    for number in range(int(sys.argv[1])):
        practice = practices[number % 2]
        serial = f"FLT{uuid4().hex[:10]}"
        give_device(practice, enrol_patient(practice), serial=serial)
        serials.append(serial)
    sys.stdout.write(json.dumps(serials))


if __name__ == "__main__":
    main()
