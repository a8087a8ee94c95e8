"""The one address: POST saves a row."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

application = get_wsgi_application()


@require_POST
@login_required
def save(request: HttpRequest) -> HttpResponse:
    """One INSERT by the person who is logged in."""
    from benchmarks.bare.models import Row

    Row.objects.create(
        user=request.user,
        start=int(request.POST["start"]),
        end=int(request.POST["end"]),
        quote=request.POST["quote"],
    )
    return HttpResponse("saved\n", status=201, content_type="text/plain")


urlpatterns = [path("rows/", save)]
