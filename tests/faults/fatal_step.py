"""`python -m tests.faults.fatal_step STEP`: process the inbox, and die by SIGKILL exactly at the named step."""

import os
import signal
import sys
from typing import Any

import django


def die(*_args: Any, **_values: Any) -> None:
    """End without any chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Replace the step with death, and go to work."""
    django.setup()
    from apps.ingestion import services
    from apps.ingestion.services import administrative, clinical, journey

    step = sys.argv[1]
    if step == "before_clinical_commit":
        clinical.advance = die  # type: ignore[assignment]
    elif step == "between_commits":
        journey.administer_transmissions = die  # type: ignore[assignment]
    elif step == "before_administrative_commit":
        administrative.complete = die  # type: ignore[assignment]
    elif step == "after_claim":
        journey.record_transmissions_of = die  # type: ignore[assignment]
    else:
        raise SystemExit(f"no such step: {step}")
    services.process_due_transmissions()


if __name__ == "__main__":
    main()
