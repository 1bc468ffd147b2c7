"""Tenancy: the practice, the scope every query needs, and the base class of every row that belongs to a practice.

Doors: `models` (Practice, PracticeModel), `services` (scope, register_practice), `selectors`, `types` (Actor), `ids`.
"""
