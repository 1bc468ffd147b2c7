"""FHIR R4 for people and programs: a patient's record as a resource, and a resource as a new patient.

Doors: none; nothing is above it but the project.
"""
