"""Device-days: distinct local dates, however many readings and however often they are given."""

from datetime import date
from uuid import uuid4

from apps.core.billing.selectors import device_days_between
from apps.core.billing.services import count_device_days
from apps.core.billing.types import DeviceDayInput
from apps.foundation.audit import services as audit
from tests.factories.patients import enrol_patient


def count_days(practice, patient_id, *days):
    with practice.scope(), audit.batch("test", by=practice.system):
        count_device_days([DeviceDayInput(patient_id, day, uuid4()) for day in days], by=practice.system)


def counted(practice, patient_id, first=date(2026, 2, 1), last=date(2026, 2, 28)):
    with practice.scope():
        return device_days_between(patient_id, first, last, by=practice.system)


def test_a_date_counts_once(cast):
    patient_id = enrol_patient(cast.highland)
    first, second = date(2026, 2, 3), date(2026, 2, 4)
    count_days(cast.highland, patient_id, first, first, second)
    count_days(cast.highland, patient_id, second, first)
    assert counted(cast.highland, patient_id) == [first, second]


def test_dates_outside_the_period_are_not_in_it(cast):
    patient_id = enrol_patient(cast.highland)
    count_days(cast.highland, patient_id, date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1))
    assert counted(cast.highland, patient_id) == [date(2026, 2, 1), date(2026, 2, 28)]


def test_two_patients_have_their_own_days_and_practices_do_not_mix(cast):
    one, two = enrol_patient(cast.highland), enrol_patient(cast.highland)
    count_days(cast.highland, one, date(2026, 2, 3))
    assert counted(cast.highland, two) == []
    assert counted(cast.lakeside, one) == []
