"""The pages of monitoring: probes for machines, the trail for auditors."""

from apps.monitoring.views.audit import export, trail, verify
from apps.monitoring.views.charts import chart, chart_pdf
from apps.monitoring.views.entries import entry, reveal
from apps.monitoring.views.probes import livez, readyz

__all__ = ["chart", "chart_pdf", "entry", "export", "livez", "readyz", "reveal", "trail", "verify"]
