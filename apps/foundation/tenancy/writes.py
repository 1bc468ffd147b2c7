"""The open change of this thread or task: a practice's row can only be written while there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from apps.foundation.tenancy.types import ChangeRecorder, UnauditedWrite

_open_change: ContextVar[ChangeRecorder | None] = ContextVar("open_change", default=None)


def recorder_for(label: str) -> ChangeRecorder:
    """The recorder of the open change. Raises UnauditedWrite when there is none."""
    recorder = _open_change.get()
    if recorder is None:
        raise UnauditedWrite(f"{label} can only be written inside audit.change or audit.batch")
    return recorder


@contextmanager
def recording(recorder: ChangeRecorder) -> Iterator[None]:
    """Inside, rows may be written and the recorder hears of each."""
    token = _open_change.set(recorder)
    try:
        yield
    finally:
        _open_change.reset(token)
