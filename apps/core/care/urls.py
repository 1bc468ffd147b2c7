"""Addresses of care, below /patients/. A patient's id stands in every one that is about one."""

from django.urls import path

from apps.core.care.views import archiving, notes

app_name = "care"

urlpatterns = [
    path("<uuid:patient_id>/archive/", archiving.archive, name="archive"),
    path("<uuid:patient_id>/restore/", archiving.restore, name="restore"),
    path("<uuid:patient_id>/delete/", archiving.delete, name="delete"),
    path("notes/to-cosign/", notes.to_cosign, name="to_cosign"),
    path("notes/to-cosign/count/", notes.cosign_count, name="cosign_count"),
    path("<uuid:patient_id>/notes/", notes.notes, name="notes"),
    path("<uuid:patient_id>/notes/newest/", notes.newest_notes, name="newest_notes"),
    path("<uuid:patient_id>/notes/new/", notes.write_note, name="write_note"),
    path("<uuid:patient_id>/notes/<uuid:note_id>/addendum/", notes.addend_note, name="addend_note"),
    path("<uuid:patient_id>/notes/<uuid:note_id>/ask-cosignature/", notes.ask_cosign, name="ask_cosign"),
    path("<uuid:patient_id>/notes/<uuid:note_id>/cosign/", notes.cosign, name="cosign"),
]
