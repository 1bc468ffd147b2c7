"""eClinicalWorks: so far the ledger of what waits to be delivered to it.

Doors: `services` (queue_deliveries), `types` (DeliveryInput).
"""
