"""What crosses the door of jobs. No Django."""

from enum import StrEnum


class WorkState(StrEnum):
    """The states every kind of work has; an app may add its own between new and done."""

    NEW = "new"
    DONE = "done"
    DEAD = "dead"


class LeaseLost(Exception):
    """Somebody else took the work over; whoever sees this rolls back."""
