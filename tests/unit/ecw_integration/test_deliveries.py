"""The ledger: every observation once, sealed, held until the integration is switched on."""

from uuid import uuid4

from django.db import connection

from apps.ecw_integration.models import Delivery
from apps.ecw_integration.services import queue_deliveries
from apps.ecw_integration.types import DeliveryInput
from apps.foundation.audit import services as audit
from apps.foundation.jobs.services import claim
from tests.factories.patients import enrol_patient


def queue(practice, *items):
    with practice.scope(), audit.batch("test", by=practice.system):
        queue_deliveries(items, by=practice.system)


def test_an_observation_is_owed_once_and_nothing_is_sent_while_held(cast):
    patient_id = enrol_patient(cast.highland)
    item = DeliveryInput(uuid4(), patient_id, {"resourceType": "Observation", "valueQuantity": {"value": 83.4177}})
    queue(cast.highland, item)
    queue(cast.highland, item)
    with cast.highland.scope():
        (row,) = Delivery.objects.all()
        assert row.resource["valueQuantity"]["value"] == 83.4177
    assert claim(Delivery) == []


def test_the_resource_is_a_token_in_the_table(cast):
    queue(cast.highland, DeliveryInput(uuid4(), enrol_patient(cast.highland), {"value": 83.4177}))
    with connection.cursor() as cursor:
        cursor.execute("SELECT resource FROM ecw_integration_delivery")
        (token,) = cursor.fetchone()
    assert token.startswith("vx1.")
