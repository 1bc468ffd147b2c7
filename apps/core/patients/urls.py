"""Addresses of the patient list and the chart. A patient's id stands in every one that is about one."""

from django.urls import include, path

from apps.core.patients.views import (
    assignments,
    care_plan,
    charts,
    consents,
    emergency,
    history,
    identifiers,
    lists,
    portal,
    privacy,
    programs,
    records,
    retention,
    wearers,
)

app_name = "patients"

_record = [
    path("", programs.record, name="record"),
    path("coverages/add/", programs.add_coverage, name="coverage_add"),
    path("coverages/<uuid:coverage_id>/end/", programs.end_coverage, name="coverage_end"),
    path("diagnoses/add/", programs.add_diagnosis, name="diagnosis_add"),
    path("diagnoses/<uuid:diagnosis_id>/primary/", programs.make_primary, name="diagnosis_primary"),
    path("diagnoses/<uuid:diagnosis_id>/resolve/", programs.resolve_diagnosis, name="diagnosis_resolve"),
    path("programs/enrol/", programs.enrol, name="enrol"),
    path("programs/<uuid:episode_id>/order/", programs.order, name="episode_order"),
    path("programs/<uuid:episode_id>/end/", programs.end_episode, name="episode_end"),
    path("consents/record/", consents.consent, name="consent_record"),
    path("consents/<uuid:consent_id>/withdraw/", consents.withdraw, name="consent_withdraw"),
    path("consents/<uuid:consent_id>/copy/", consents.consent_copy, name="consent_copy"),
    path("education/", care_plan.educate, name="educate"),
    path("goals/add/", care_plan.add_goal, name="goal_add"),
    path("goals/<uuid:goal_id>/close/", care_plan.close_goal, name="goal_close"),
    path("team/add/", care_plan.add_team_member, name="team_add"),
    path("team/<uuid:team_member_id>/end/", care_plan.end_team_member, name="team_end"),
    path("identifiers/", identifiers.identifiers, name="identifiers"),
    path("identifiers/add/", identifiers.add_identifier, name="identifier_add"),
    path("identifiers/<uuid:identifier_id>/primary/", identifiers.make_primary, name="identifier_primary"),
    path("identifiers/<uuid:identifier_id>/remove/", identifiers.remove_identifier, name="identifier_remove"),
    path("thresholds/", care_plan.choose_thresholds, name="thresholds_choose"),
]

_privacy = [
    path("", privacy.of_patient, name="privacy_of"),
    path("record/", privacy.record, name="privacy_record"),
    path("<uuid:privacy_request_id>/", privacy.one_request, name="privacy_request"),
    path("<uuid:privacy_request_id>/extend/", privacy.extend, name="privacy_extend"),
    path("<uuid:privacy_request_id>/decide/", privacy.decide, name="privacy_decide"),
    path("<uuid:privacy_request_id>/withdraw/", privacy.withdraw, name="privacy_withdraw"),
    path("<uuid:privacy_request_id>/end/", privacy.end, name="privacy_end"),
]

_portal = [
    path("", portal.standing, name="portal"),
    path("invite/", portal.invite, name="portal_invite"),
    path("revoke/", portal.revoke, name="portal_revoke"),
    path("end/", portal.end, name="portal_end"),
    path("unlock/", portal.unlock, name="portal_unlock"),
]

urlpatterns = [
    path("", lists.patient_list, name="list"),
    path("new/", records.new_patient, name="new"),
    path("archived/", retention.archived, name="archived"),
    path("retention/", retention.retention, name="retention"),
    path("retention/<uuid:review_id>/", retention.decide_retention, name="decide_retention"),
    path("privacy/", privacy.queue, name="privacy"),
    path("privacy/overdue/", privacy.overdue_count, name="privacy_overdue"),
    path("emergency/", emergency.emergencies, name="emergencies"),
    path("emergency/<uuid:access_id>/review/", emergency.review_emergency, name="review_emergency"),
    path("<uuid:patient_id>/emergency/", emergency.emergency, name="emergency"),
    path("<uuid:patient_id>/privacy/", include(_privacy)),
    path("<uuid:patient_id>/portal/", include(_portal)),
    path("<uuid:patient_id>/", charts.chart, name="chart"),
    path("<uuid:patient_id>/edit/", records.edit_patient, name="edit"),
    path("<uuid:patient_id>/history/", history.history, name="history"),
    path("<uuid:patient_id>/history/<uuid:entry_id>/reveal/", history.reveal, name="history_reveal"),
    path("<uuid:patient_id>/ssn/", history.ssn, name="ssn"),
    path("<uuid:patient_id>/devices/", assignments.patient_devices, name="devices"),
    path("<uuid:patient_id>/devices/assign/", assignments.assign_to_patient, name="assign_device"),
    path("<uuid:patient_id>/devices/register/", wearers.hand_over, name="hand_over"),
    path("<uuid:patient_id>/devices/<uuid:assignment_id>/confirm/", wearers.confirm_wearer, name="wearer_confirm"),
    path("<uuid:patient_id>/devices/<uuid:assignment_id>/doubt/", wearers.doubt_wearer, name="wearer_doubt"),
    path("<uuid:patient_id>/record/", include(_record)),
]
