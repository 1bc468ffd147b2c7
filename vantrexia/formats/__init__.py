"""How dates and numbers are written, by language. Nothing else than what differs from Django's own choice."""
