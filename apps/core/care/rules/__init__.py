"""Decisions of care: pure."""
