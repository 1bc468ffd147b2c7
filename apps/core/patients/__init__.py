"""Patients of a practice, their search index, the device inventory and who wears which device when.

Doors: `types`, `selectors` (search_patients, patient_banner, find_assignments), `services` (register_patient,
assign_device).
"""
