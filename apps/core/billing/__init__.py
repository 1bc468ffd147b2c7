"""What is earned: device-days, minutes of work with what they come to by month, and the months that are final.

Doors: `services` (count_device_days, finalise_periods, record_time, record_manual_time, correct_time, withdraw_time),
`selectors` (device_days_between, open_periods, month_time, monitoring_page, time_page), `types`.
"""
