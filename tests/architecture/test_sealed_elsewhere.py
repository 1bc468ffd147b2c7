"""What is sealed outside of a model's field would be missed by an exchange of keys: so nothing stored may be."""

import re
from pathlib import Path

APPS = Path(__file__).resolve().parents[2] / "apps"


def test_nothing_is_sealed_under_a_data_key_but_by_a_field() -> None:
    found = {
        str(path.relative_to(APPS))
        for path in APPS.rglob("*.py")
        if not path.is_relative_to(APPS / "foundation" / "encryption")
        and not path.is_relative_to(APPS / "foundation" / "audit")
        and re.search(r"\bseal_bytes\(|Purpose\.DATA", path.read_text())
    }
    # monitoring exchanges keys, and seals nothing
    assert found - {"monitoring/services/keys.py", "monitoring/selectors/keys.py"} == set()
    of_the_trail = (path.read_text() for path in (APPS / "foundation" / "audit").rglob("*.py"))
    assert not any("Purpose.DATA" in text for text in of_the_trail), "under keys that are never exchanged"
