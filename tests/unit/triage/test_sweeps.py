"""The sweeps: one unreadable patient holds up nobody, and a changed record reaches the score and every open board."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from apps.core.care import services as care
from apps.core.observations.types import ReadingKind
from apps.core.patients import services as patients
from apps.core.patients.models import Patient
from apps.core.triage import services, tasks
from apps.core.triage.models import RiskScore, TriageState
from apps.core.triage.selectors import board_stamp
from apps.foundation.jobs.decorators import registered_sweeps
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, reading, send

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def break_window(patient_id: UUID) -> None:
    """The stored window can't be opened: it holds what was sealed for another column."""
    key = patient_id.hex if connection.vendor == "sqlite" else patient_id
    with connection.cursor() as cursor:
        cursor.execute('update triage_triagestate set "window" = board where id = %s', [key])
        assert cursor.rowcount == 1


def break_profile(patient_id: UUID) -> None:
    key = patient_id.hex if connection.vendor == "sqlite" else patient_id
    with connection.cursor() as cursor:
        cursor.execute("update patients_patient set clinical_profile = mrn where id = %s", [key])


def level_of(patient_id: UUID) -> str:
    return str(Patient.objects.values_list("risk_level", flat=True).get(id=patient_id))


def test_one_unreadable_patient_stops_no_sweep(cast: Cast, now: datetime) -> None:
    ids = {}
    for practice in (cast.highland, cast.lakeside):
        with practice.scope():
            ids[practice.name] = [enrol_patient(practice) for _ in range(2)]
            for patient_id in ids[practice.name]:
                send(patient_id, [pressure(now, 120, 70)], now)
    bad, good = ids[cast.highland.name]
    break_window(bad)
    later = now + 5 * DAY
    with capture_logs() as logs:
        assert services.reassess_due(now=later) == 4
    with cast.highland.scope():
        assert (level_of(good), level_of(bad)) == ("no_data", "normal")
        assert TriageState.objects.defer("window", "board").get(id=bad).next_rescore_at == later + HOUR
    with cast.lakeside.scope():
        assert {level_of(one) for one in ids[cast.lakeside.name]} == {"no_data"}
    (said,) = [line for line in logs if line["event"] == "patient_not_assessed"]
    assert said == {
        "event": "patient_not_assessed",
        "log_level": "error",
        "patient": str(bad),
        "error": "BrokenSeal",
    }
    assert services.reassess_due(now=later + MINUTE) == 0


def test_a_patient_who_cannot_begin_holds_up_no_other(highland: CastPractice, now: datetime) -> None:
    bad, good = enrol_patient(highland), enrol_patient(highland)
    break_profile(bad)
    services.begin_triage(now=now)
    assert list(TriageState.objects.values_list("id", flat=True)) == [good]


def test_a_changed_record_is_judged_anew_and_reaches_open_boards(highland: CastPractice, now: datetime) -> None:
    patient_id = enrol_patient(highland)
    send(patient_id, [reading(ReadingKind.SPO2, now, 93)], now)
    score = Patient.objects.get(id=patient_id).risk_score
    assert score == 10
    assert services.reassess_changed(now=now) == 0
    stamp = board_stamp()
    patients.change_patient(patient_id=patient_id, changes={"oxygen_target_low": True}, by=highland.system)
    assert services.reassess_changed(now=now + MINUTE) == 1
    assert Patient.objects.get(id=patient_id).risk_score == 0
    assert board_stamp() != stamp
    assert services.reassess_changed(now=now + 2 * MINUTE) == 0


def test_a_new_name_reaches_open_boards(highland: CastPractice, patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 120, 70)], now)
    stamp = board_stamp()
    patients.change_patient(patient_id=patient, changes={"last_name": "Changed"}, by=highland.system)
    services.reassess_changed(now=now + MINUTE)
    assert board_stamp() != stamp


def test_a_restored_patient_is_judged_at_once(highland: CastPractice, patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 120, 70)], now)
    care.archive_patient(patient_id=patient, reason="moved away", by=highland.system, now=now)
    services.reassess_due(now=now + 2 * HOUR)
    assert services.reassess_changed(now=now + 2 * HOUR) == 0, "archived"
    scores = RiskScore.objects.count()
    care.restore_patient(patient_id=patient, reason="came back", by=highland.system)
    assert services.reassess_changed(now=now + 4 * DAY) == 1
    assert RiskScore.objects.count() == scores + 1
    assert level_of(patient) == "no_data"


def test_an_unreadable_changed_patient_is_not_tried_every_few_seconds(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    other = enrol_patient(highland)
    for one in (patient, other):
        send(one, [pressure(now, 120, 70)], now)
        patients.change_patient(patient_id=one, changes={"last_name": "Changed"}, by=highland.system)
    break_window(patient)
    assert services.reassess_changed(now=now + MINUTE) == 2
    assert services.reassess_changed(now=now + 2 * MINUTE) == 0


def test_the_worker_looks_for_changed_records_every_few_seconds(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    send(patient, [pressure(now, 120, 70)], now)
    patients.change_patient(patient_id=patient, changes={"last_name": "Changed"}, by=highland.system)
    (found,) = [one for one in registered_sweeps() if one.job is tasks.reassess_changed]
    assert found.every_seconds <= 5
    found.job.run()
    assert TriageState.objects.get(id=patient).patient_version == 2


def test_looking_for_changed_records_is_one_query(highland: CastPractice, now: datetime) -> None:
    for _ in range(3):
        send(enrol_patient(highland), [pressure(now, 120, 70)], now)
    with CaptureQueriesContext(connection) as captured:
        services.reassess_changed(now=now)
    assert len(captured) == 1
