"""A first warning of a blood pressure waits up to 15 minutes for a repeat (AL-03); most tests are about something else.

Under tests/unit, tests/views and tests/browser nobody waits: one warning opens its alert at once. A module that is
about the wait overrides the fixture by one of the same name that does nothing. Journeys and faults live with the real
wait: there, measure a warning 16 minutes ago, or twice within 15 minutes, or use another kind of reading.
"""

from collections.abc import Iterator

import pytest

from apps.core.triage.rules import repeats


@pytest.fixture(autouse=True)
def warnings_open_at_once() -> Iterator[None]:
    """No repeat is waited for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "WAIT", 0)
        yield
