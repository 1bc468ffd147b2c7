"""Health: whether this process lives and may take traffic. Looks at everything; nothing looks at it.

Doors: none; other apps do not call it.
"""
