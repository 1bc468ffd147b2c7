"""Stand-ins for the outside world, each a process of its own behind real HTTP.

Imports nothing of ours, and nothing of ours imports it, so that it can't flatter us: what it knows of the contract
it was told by the contract's text, not by our code.
"""
