"""`python -m tests.faults.killer READING_ID`: process the inbox, and die by SIGKILL when that reading is recorded."""

import sys
from collections.abc import Sequence
from typing import Any

import django

from tests.faults.fatal_step import die


def main() -> None:
    """Let one reading be fatal, and go to work."""
    django.setup()
    from apps.ingestion import services
    from apps.ingestion.services import clinical

    whole = clinical.record_observations

    def record(requests: Sequence[Any], **values: Any) -> Any:
        if any(request.reading.reading_id == sys.argv[1] for request in requests):
            die()
        return whole(requests, **values)

    clinical.record_observations = record
    while services.process_due_transmissions():
        pass


if __name__ == "__main__":
    main()
