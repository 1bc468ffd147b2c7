"""The audit trail: append-only, hash-chained per practice; rows change inside it or not at all.

Doors: `services` (change, batch, record_disclosure, record_event, verify_chain), `selectors`, `types`.
"""
