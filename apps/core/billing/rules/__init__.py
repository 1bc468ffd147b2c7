"""Decisions of billing: pure."""
