"""Pure decisions of triage: bands, weight rules, episodes of alerts, the score. Source: requirements part 4."""
