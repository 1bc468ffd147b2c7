"""What a device measured, recorded once: LOINC-coded, in canonical units, sealed at rest.

Owns units, plausibility, near-duplicates and the Observation row.
Doors: `services` (record), `selectors` (series, histories), `types`.
"""
