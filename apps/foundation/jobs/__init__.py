"""Background work: a row is the queue, a lease says who works on it, Huey only rings the bell.

Doors: `models` (LeasedWork), `services` (claim, advance, complete, retry_later), `decorators` (job, sweep).
"""
