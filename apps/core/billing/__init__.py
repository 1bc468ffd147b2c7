"""What is earned: so far the device-days on which the supply code stands.

Doors: `services` (count_device_days), `selectors` (device_days_of_month), `types`.
"""
