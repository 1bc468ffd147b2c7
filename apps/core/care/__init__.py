"""What touches triage and billing both: archiving and restoring a patient; and the notes of the team.

Doors: `types` (ArchiveImpact, NoteView), `selectors` (archive_impact, notes_of, cosign_queue), `services`
(archive_patient, restore_patient, write_note, addend_note, cosign_note).
"""
