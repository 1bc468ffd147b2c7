"""The readers of the environment: typed, and clear about which variable is wrong without showing its value."""

from pathlib import Path

import pytest

from vantrexia import env


@pytest.mark.parametrize(("given", "expected"), [("1", True), ("Yes", True), ("off", False), ("", True)])
def test_flags(monkeypatch, given, expected):
    monkeypatch.setenv("VX_TEST", given)
    assert env.flag("VX_TEST", default=True) is expected


@pytest.mark.parametrize(
    "read",
    [
        lambda: env.flag("VX_TEST", default=True),
        lambda: env.number("VX_TEST", default=1),
        lambda: env.choice("VX_TEST", options=("a", "b"), default="a"),
        lambda: env.database("VX_TEST", sqlite_file=Path("x")),
        lambda: env.redis_url("VX_TEST"),
    ],
)
def test_a_wrong_value_is_named_by_its_variable_only(monkeypatch, read):
    monkeypatch.setenv("VX_TEST", "s3cret-nonsense")
    with pytest.raises(env.ConfigurationError, match="VX_TEST") as caught:
        read()
    assert "s3cret" not in str(caught.value)


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("VX_TEST_FILE", str(tmp_path / "secret"))
    assert env.text("VX_TEST") == "from the file"
    monkeypatch.setenv("VX_TEST_FILE", str(tmp_path / "missing"))
    with pytest.raises(env.ConfigurationError, match="VX_TEST_FILE"):
        env.text("VX_TEST")


def test_databases(monkeypatch, tmp_path):
    assert env.database("VX_TEST", sqlite_file=tmp_path / "x")["ENGINE"].endswith("sqlite3")
    monkeypatch.setenv("VX_TEST", "postgresql://u:p@db:5432/v")
    parsed = env.database("VX_TEST", sqlite_file=tmp_path / "x")
    assert (parsed["ENGINE"], parsed["HOST"], parsed["NAME"]) == ("django.db.backends.postgresql", "db", "v")
    monkeypatch.setenv("VX_TEST", "mysql://u:p@db/v")
    with pytest.raises(env.ConfigurationError, match="VX_TEST"):
        env.database("VX_TEST", sqlite_file=tmp_path / "x")


def test_words_are_trimmed(monkeypatch):
    monkeypatch.setenv("VX_TEST", " a, b ,,c ")
    assert env.words("VX_TEST") == ["a", "b", "c"]
