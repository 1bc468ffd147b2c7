"""The five apps at the heart: patients, observations, triage, care and billing."""
