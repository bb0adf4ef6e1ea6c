"""Two questions of a process manager: does the process answer, and can it work?"""

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready once the database answers and is migrated."""
    try:
        get_user_model().objects.exists()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "not reachable, or not migrated"}, status=503)
    return JsonResponse({"ready": True, "database": "ok"})
