"""Measurements of the product beside their own limits, taken in one run. Start them with bin/bench."""
