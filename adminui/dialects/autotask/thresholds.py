"""The tenant's own count of calls: everybody's, all integrations together. Asking is counted too."""

from __future__ import annotations

from adminui.dialects.base import ApiRequest, ApiResponse, ApiUsage
from adminui.dialects.errors import Unknown


def usage() -> ApiRequest:
    return ApiRequest("GET", "/ThresholdInformation", lane="ThresholdInformation", cap=1)


def used(response: ApiResponse) -> ApiUsage:
    answer = response.json if isinstance(response.json, dict) else {}
    names = ("currentTimeframeRequestCount", "externalRequestThreshold", "requestThresholdTimeframe")
    calls, limit, minutes = (answer.get(name) for name in names)
    if not (isinstance(calls, int) and isinstance(limit, int) and isinstance(minutes, int) and limit and minutes):
        raise Unknown("Autotask's count of calls is unreadable.", status=response.status)
    return ApiUsage(calls, limit, minutes * 60.0)
