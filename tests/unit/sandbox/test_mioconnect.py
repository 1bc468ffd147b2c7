"""The stand-in gateway: deterministic, plausible, full of mischief, and true to the contract."""

import ast
import json
import os
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import apps.sandbox
from apps.core.observations.types import ReadingKind
from apps.mio_integration import services
from apps.mio_integration.types import ParsedReading
from apps.sandbox.mioconnect.client import signed_headers
from apps.sandbox.mioconnect.deliveries import Gateway, people_of
from apps.sandbox.mioconnect.physiology import body_at, measures_on
from apps.sandbox.mioconnect.types import Baseline, Delivery, Person, Story
from tests.payloads import mioconnect

START = datetime(2026, 5, 4, 14, tzinfo=UTC)
MODELS = ("UA-651BLE", "UC-352BLE", "VERIO-FLEX", "NONIN-3230")
DEVICES: list[dict[str, Any]] = [
    {"serial": f"SIM{person:03d}{number}", "model": model, "patient_id": f"patient-{person}"}
    for person in range(30)
    for number, model in enumerate(MODELS)
]


def deliver(count: int, *, run: str = "one", seed: int = 7) -> list[Delivery]:
    gateway = Gateway(people=people_of(seed, DEVICES), seed=seed, run=run, started=START)
    return [gateway.next_delivery(START + timedelta(seconds=second)) for second in range(count)]


def bodies(deliveries: list[Delivery]) -> list[dict[str, Any]]:
    return [delivery.body for delivery in deliveries]


def test_one_seed_and_run_give_one_sequence() -> None:
    assert bodies(deliver(200)) == bodies(deliver(200))
    assert bodies(deliver(50)) != bodies(deliver(50, seed=8))


def test_two_runs_never_share_an_id() -> None:
    first, second = ({delivery.event_id for delivery in deliver(200, run=run)} for run in ("one", "two"))
    assert not first & second


def test_every_delivery_keeps_the_contract() -> None:
    for body in bodies(deliver(1500)):
        raw = json.dumps(body).encode()
        envelope = services.read_envelope(body=raw)
        assert len(envelope.readings) == len(body["readings"])
        for entry in services.parse_readings(body=raw):
            assert isinstance(entry, ParsedReading), entry.field


def test_the_mischief_is_there() -> None:
    sent = deliver(3000)
    events = Counter(delivery.event_id for delivery in sent)
    readings = [(delivery, item) for delivery in sent for item in delivery.body["readings"]]
    names = Counter(item["reading_id"] for item in {(d.event_id, i["reading_id"]): i for d, i in readings}.values())
    assert any(count > 1 for count in events.values()), "no delivery was sent again"
    assert any(count > 1 for count in names.values()), "no reading came under a second event"
    known = {device["serial"] for device in DEVICES}
    assert any(item["device"]["serial"] not in known for _delivery, item in readings), "no unknown serial"
    assert any("memory_recall" in item["flags"] for _delivery, item in readings), "nothing came late"
    assert any(item["clock_trusted"] is False for _delivery, item in readings), "no clock was unset"
    assert any(len(delivery.body["readings"]) > 1 for delivery in sent), "no batch"
    order = [delivery.body["sent_at"] for delivery in sent]
    assert order != sorted(order), "nothing overtook anything"
    assert any(item.get("blood_pressure", {}).get("systolic") == 290 for _delivery, item in readings), (
        "nothing implausible"
    )


def test_the_stray_serials_are_rare_and_most_readings_are_ordinary() -> None:
    systolic = [
        item["blood_pressure"]["systolic"]
        for body in bodies(deliver(2000))
        for item in body["readings"]
        if item["type"] == ReadingKind.BLOOD_PRESSURE and item["blood_pressure"]["unit"] == "mmHg"
    ]
    assert 105 < statistics.median(systolic) < 140


def person(story: Story, onset_hours: float = 0.0) -> Person:
    usual = Baseline(systolic=120, diastolic=76, pulse=70, spo2=97, glucose=120, weight=85)
    return Person(
        key="p", baseline=usual, devices=(), story=story, onset_hours=onset_hours, utc_offset_minutes=0, adherence=0.9
    )


@pytest.mark.parametrize(
    ("story", "name", "direction", "least"),
    [
        (Story.HYPERTENSION, "systolic", 1, 50),
        (Story.HEART_FAILURE, "weight", 1, 2.3),
        (Story.HEART_FAILURE, "spo2", -1, 6),
        (Story.LUNG, "spo2", -1, 9),
        (Story.SUGAR, "glucose", 1, 150),
    ],
)
def test_an_exacerbation_moves_the_right_values(story: Story, name: str, direction: int, least: float) -> None:
    later = START + timedelta(hours=3)
    ill = getattr(body_at(1, person(story), later, START), name)
    well = getattr(body_at(1, person(Story.STEADY), later, START), name)
    assert (ill - well) * direction >= least


def test_what_was_measured_before_the_onset_does_not_know_of_it() -> None:
    before = START - timedelta(hours=20)
    assert body_at(1, person(Story.HYPERTENSION), before, START) == body_at(1, person(Story.STEADY), before, START)


def test_pressure_falls_at_night() -> None:
    night = body_at(1, person(Story.STEADY), START.replace(hour=4), START)
    afternoon = body_at(1, person(Story.STEADY), START.replace(hour=16), START)
    assert afternoon.systolic - night.systolic > 8


def test_people_miss_days() -> None:
    someone = person(Story.STEADY)
    days = [measures_on(1, someone, START.date() + timedelta(days=number)) for number in range(200)]
    assert 0.8 < sum(days) / len(days) < 1


def test_a_configured_baseline_continues_the_history() -> None:
    (found,) = people_of(
        1, [{"serial": "SIM9", "model": "UC-352BLE", "patient_id": "p", "baseline": {"weight": 101.5}}]
    )
    assert found.baseline.weight == 101.5


def test_devices_without_a_patient_stay_silent() -> None:
    assert people_of(1, [{"serial": "SIM9", "model": "UC-352BLE", "patient_id": None}]) == []


def test_the_signature_is_the_one_that_the_contract_describes() -> None:
    headers = signed_headers(secret="s" * 32, body=b"{}", event_id="evt_12345678", timestamp=1_700_000_000)
    assert headers["X-MioConnect-Signature"] == mioconnect.signature(b"{}", secret="s" * 32, timestamp="1700000000")


def test_the_sandbox_imports_nothing_of_ours() -> None:
    root = Path(apps.sandbox.__file__).parent
    for source in root.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith(("apps.", "vantrexia", "django")) or name.startswith("apps.sandbox"), source


@pytest.mark.shared
def test_every_delivery_passes_the_published_schema() -> None:
    folder = os.environ.get("VANTREXIA_SHARED")
    if not folder:
        pytest.skip("VANTREXIA_SHARED names no folder")
    schema = json.loads((Path(folder) / "mio-webhook.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for body in bodies(deliver(400)):
        validator.validate(body)
