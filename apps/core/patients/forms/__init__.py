"""The forms of patients and devices."""
