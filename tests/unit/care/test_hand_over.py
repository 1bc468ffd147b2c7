"""What one shift leaves to the next: kept, grouped by patient, done once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.care import selectors, services
from apps.core.care.services.hand_over import TEXT_MAX
from apps.core.care.types.hand_over import HandOverDone, InvalidHandOver
from apps.core.patients.types import InvalidPatient, NotFound
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def leave(cast: Cast, patient_id, text="Call again about the cuff", role="nurse", at=NOW):
    return services.add_hand_over(patient_id=patient_id, text=text, by=cast.highland.actor(role), now=at)


def test_it_stands_by_patient_the_most_urgent_first_with_how_they_are_now(cast):
    with cast.highland.scope():
        calm, critical = enrol_patient(cast.highland), enrol_patient(cast.highland)
        send(critical, [pressure(NOW, 184, 122)], NOW)
        leave(cast, calm, "Send a new cuff")
        leave(cast, critical, "Recheck at 20:00", at=NOW + HOUR)
        leave(cast, critical, "Son calls back", role="ma", at=NOW + 2 * HOUR)
        found = selectors.hand_over_list(by=cast.highland.actor("provider"), now=NOW + 3 * HOUR)
    assert [row.patient_id for row, _ in found.open] == [critical, calm]
    row, items = found.open[0]
    assert (row.score, row.reason[:10]) == (76, "BP 184/122")
    assert [(item.text, item.written_by_name) for item in items] == [
        ("Recheck at 20:00", "Nurse of Highland Primary Care"),
        ("Son calls back", "Ma of Highland Primary Care"),
    ]
    assert (found.total, found.left_out) == (3, 0)
    assert AuditLog.objects.filter(action="hand_over.list").count() == 1


def test_it_is_done_once_and_stays_in_sight_for_a_day(cast):
    by = cast.highland.actor("provider")
    with cast.highland.scope():
        patient_id = enrol_patient(cast.highland)
        item = leave(cast, patient_id)
        assert selectors.count_handed_over(by=by) == 1
        services.finish_hand_over(item_id=item, patient_id=patient_id, by=by, now=NOW + HOUR)
        assert selectors.count_handed_over(by=by) == 0
        with pytest.raises(HandOverDone) as refused:
            services.finish_hand_over(item_id=item, patient_id=patient_id, by=cast.highland.actor("nurse"), now=NOW)
        assert (refused.value.by_name, refused.value.at) == ("Provider of Highland Primary Care", NOW + HOUR)
        assert len(selectors.hand_over_list(by=by, now=NOW + 25 * HOUR - timedelta(seconds=1)).done) == 1
        assert not selectors.hand_over_list(by=by, now=NOW + 25 * HOUR).done
    acts = AuditLog.objects.filter(action__startswith="hand_over.", subject_id=patient_id)
    assert list(acts.exclude(action="hand_over.list").order_by("sequence").values_list("action", flat=True)) == [
        "hand_over.add",
        "hand_over.done",
    ]


@pytest.mark.parametrize(("text", "code"), [("", "required"), (" \n ", "required"), ("x" * (TEXT_MAX + 1), "too_long")])
def test_wrong_words_are_refused(cast, text, code):
    with cast.highland.scope():
        patient_id = enrol_patient(cast.highland)
        with pytest.raises(InvalidHandOver) as refused:
            leave(cast, patient_id, text)
        assert refused.value.code == code
        leave(cast, patient_id, "x" * TEXT_MAX)


def test_who_may_not_and_what_is_not_there(cast):
    with cast.highland.scope():
        patient_id = enrol_patient(cast.highland)
        item, other = leave(cast, patient_id), enrol_patient(cast.highland)
        with pytest.raises(NotPermitted):
            leave(cast, patient_id, role="patient")
        with pytest.raises(NotPermitted):
            services.add_hand_over(patient_id=patient_id, text="x", by=cast.highland.system, now=NOW)
        with pytest.raises(NotFound):
            services.finish_hand_over(item_id=item, patient_id=other, by=cast.highland.actor("nurse"), now=NOW)
    with cast.lakeside.scope(), pytest.raises(NotFound):
        services.finish_hand_over(item_id=item, patient_id=patient_id, by=cast.lakeside.actor("nurse"), now=NOW)


def test_an_archived_record_is_read_only(cast):
    by = cast.highland.actor("nurse")
    with cast.highland.scope():
        patient_id = enrol_patient(cast.highland)
        item = leave(cast, patient_id)
        services.archive_patient(patient_id=patient_id, reason="moved", by=by, now=NOW)
        with pytest.raises(InvalidPatient):
            services.finish_hand_over(item_id=item, patient_id=patient_id, by=by, now=NOW)


def test_the_list_costs_the_same_for_two_and_for_twelve(cast):
    by = cast.highland.actor("nurse")
    with cast.highland.scope():
        for _ in range(2):
            leave(cast, enrol_patient(cast.highland))
        with CaptureQueriesContext(connection) as few:
            selectors.hand_over_list(by=by)
        for _ in range(10):
            leave(cast, enrol_patient(cast.highland))
        with CaptureQueriesContext(connection) as many:
            assert len(selectors.hand_over_list(by=by).open) == 12
    assert len(many) == len(few)
