"""Pure decisions about readings: units, codes, plausibility, near-duplicates."""
