"""Pages of patients and their devices."""
