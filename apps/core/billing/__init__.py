"""What is earned: so far the device-days on which the supply code stands, and the months that are final.

Doors: `services` (count_device_days, finalise_periods), `selectors` (device_days_between, open_periods), `types`.
"""
