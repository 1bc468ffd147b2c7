"""Addresses of the portal. None names a patient: whose record it is follows from who is signed in."""

from django.urls import path

from apps.portal.views import account, check_in, home, messages, record

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("readings/", home.readings, name="readings"),
    path("check-in/", check_in.check_in, name="check_in"),
    path("messages/", messages.threads, name="messages"),
    path("messages/new/", messages.write, name="write"),
    path("messages/<uuid:thread_id>/", messages.thread, name="thread"),
    path("record/", record.record, name="record"),
    path("consents/", record.consents, name="consents"),
    path("consents/<uuid:consent_id>/", record.consent, name="consent"),
    path("requests/", record.requests, name="requests"),
    path("requests/<uuid:copy_id>/record.json", record.copy_fhir, name="copy_fhir"),
    path("requests/<uuid:copy_id>/record.pdf", record.copy_pdf, name="copy_pdf"),
    path("who-saw/", record.visits, name="visits"),
    path("account/", account.account, name="account"),
]
