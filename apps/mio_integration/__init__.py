"""MioConnect: every fact of the gateway's contract lives here, and nowhere else.

Owns: the signature of a webhook, its envelope, and the reading of its readings into `DeviceReading`.
Doors: `services` (verify_signature, read_envelope, parse_readings) and `types`.
Stores nothing and knows no patient: the contract carries device serials only.
"""
