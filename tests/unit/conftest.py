"""What these tests share."""

from tests.repeats import warnings_open_at_once

__all__ = ["warnings_open_at_once"]
