"""The apps of Vantrexia, one folder a room. The floors between them stand in pyproject.toml (import-linter)."""
