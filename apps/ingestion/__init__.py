"""The inbox, and the journey of one reading from a stored webhook to the board, the bill and the record.

Owns: Transmission, ReceivedReading, UnclaimedReading, QuarantinedReading.
Doors: `services` (accept_transmission, process_due_transmissions, resolve_quarantined), `selectors`, `types`.
"""
