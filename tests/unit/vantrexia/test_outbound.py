"""Credentials of push: read from the environment, and refused by name when they are wrong."""

import json

import pytest

from vantrexia import outbound
from vantrexia.env import ConfigurationError

ACCOUNT = {"project_id": "p", "client_email": "e", "private_key": "k", "token_uri": "t"}


def test_without_an_account_there_is_none(monkeypatch):
    monkeypatch.delenv("FCM_SERVICE_ACCOUNT", raising=False)
    assert outbound._account() == {}


def test_the_account_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "firebase.json").write_text(json.dumps(ACCOUNT))
    monkeypatch.setenv("FCM_SERVICE_ACCOUNT_FILE", str(tmp_path / "firebase.json"))
    assert outbound._account() == ACCOUNT


@pytest.mark.parametrize("given", ["not json: hunter2", "7", json.dumps({"private_key": "hunter2"})])
def test_a_wrong_account_is_named_and_never_shown(monkeypatch, given):
    monkeypatch.setenv("FCM_SERVICE_ACCOUNT", given)
    with pytest.raises(ConfigurationError, match="FCM_SERVICE_ACCOUNT") as refusal:
        outbound._account()
    assert "hunter2" not in str(refusal.value)
