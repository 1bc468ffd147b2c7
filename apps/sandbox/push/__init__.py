"""Firebase Cloud Messaging, Apple's push service and a browser's push service, as strict as their documents say.

One process that speaks HTTP/1.1 and HTTP/2: it gives out keys as their consoles do, verifies every signature, opens
what was sealed for a browser, and tells under /control/ what it was sent: `python -m apps.sandbox.push --port 9400`.
"""
