"""Readings over time for a person's eyes: charts with their figures, and the days of a month one by one.

Whoever shows them has them recorded as a disclosure by the selectors of observations.
"""

from apps.core.triage.selectors.trends.days import DayPage, days_of
from apps.core.triage.selectors.trends.drawn import FiguresLine, Trend
from apps.core.triage.selectors.trends.period import PERIODS, Trends, patient_trends

__all__ = ["PERIODS", "DayPage", "FiguresLine", "Trend", "Trends", "days_of", "patient_trends"]
