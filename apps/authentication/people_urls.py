"""Addresses of the people of a practice."""

from django.urls import path

from apps.authentication.views import invitations, people

app_name = "people"

urlpatterns = [
    path("", people.people, name="people"),
    path("invite/", invitations.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/resend/", invitations.resend, name="resend"),
    path("invitations/<uuid:invitation_id>/revoke/", invitations.revoke, name="revoke"),
    path("<uuid:person_id>/", people.person, name="person"),
    path("<uuid:person_id>/deactivate/", people.deactivate, name="deactivate"),
    path("<uuid:person_id>/reactivate/", people.reactivate, name="reactivate"),
    path("<uuid:person_id>/unlock/", people.unlock, name="unlock"),
    path("<uuid:person_id>/sign-out/", people.sign_out, name="sign_out"),
    path("<uuid:person_id>/reset-second-factor/", people.reset_second_factor, name="reset_second_factor"),
]
