"""Our types to FHIR R4 and back. Stores nothing, sends nothing.

Doors: `services` (observation_to_fhir, patient_to_fhir, patient_from_fhir, read_document), `types`.
"""
