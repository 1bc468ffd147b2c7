"""A MioConnect gateway: simulated people measure themselves, and signed webhooks carry the readings.

Start: `python -m apps.sandbox.mioconnect --config var/demo.json`.
"""
