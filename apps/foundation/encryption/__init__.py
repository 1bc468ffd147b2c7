"""Encryption at rest: practice keys under the root key, sealed model fields, blind indexes.

Doors: `fields` (sealed columns), `services` (blind_index, unseal, seal_bytes), `rules` (normalising before indexing).
"""
