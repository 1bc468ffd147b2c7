"""Probes for whoever starts and watches the processes."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.foundation.web.guards import public
from apps.monitoring.selectors.probes import dead_transmissions, readiness_problems


@public(reason="a probe of the process, without any data")
@never_cache
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


@public(reason="a probe of the process, without any data")
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when traffic may come, 503 with the names of what is not ready; and how many transmissions are dead."""
    problems = readiness_problems()
    status = "not ready" if problems else "ok"
    answer = {"status": status, "problems": problems, "dead_transmissions": dead_transmissions()}
    return JsonResponse(answer, status=503 if problems else 200)
