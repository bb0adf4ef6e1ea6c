"""The URL map: our own pages, Django's admin for staff users and grants, and the error pages."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path

from adminui.web import account

admin.site.site_header = admin.site.site_title = "Staff and grants"
admin.site.index_title = "Who may do what"


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here for pages that name no icon."""
    return redirect(static("icons/favicon.svg"))


urlpatterns = [
    path("favicon.ico", favicon),
    path("", include("adminui.web.urls")),
    # Before the admin's own sign-in, which knows no throttle.
    path("staff/login/", account.staff_sign_in, name="staff-sign-in"),
    path("staff/", admin.site.urls),
]

handler400 = "adminui.web.errors.bad_request"
handler403 = "adminui.web.errors.forbidden"
handler404 = "adminui.web.errors.not_found"
handler500 = "adminui.web.errors.server_error"
