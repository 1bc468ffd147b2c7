"""Pages of triage: the board, the alerts acted on in it, the panels of a chart."""
