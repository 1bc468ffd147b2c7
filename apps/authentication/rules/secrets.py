"""What is kept of a random secret: pure."""

import hashlib


def hash_of(secret: str) -> str:
    """Its hash, so that whoever reads the table can't use it. With 80 random bits or more there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
