"""Addresses of the patient list and the chart. A patient's id stands in every one that is about one."""

from django.urls import path

from apps.core.patients.views import assignments, charts, lists, records

app_name = "patients"

urlpatterns = [
    path("", lists.patient_list, name="list"),
    path("new/", records.new_patient, name="new"),
    path("<uuid:patient_id>/", charts.chart, name="chart"),
    path("<uuid:patient_id>/edit/", records.edit_patient, name="edit"),
    path("<uuid:patient_id>/devices/", assignments.patient_devices, name="devices"),
    path("<uuid:patient_id>/devices/assign/", assignments.assign_to_patient, name="assign_device"),
]
