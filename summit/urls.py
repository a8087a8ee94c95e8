"""The project's addresses: the app's, the admin and the login."""

from django.contrib import admin
from django.urls import include, path

from annotations.views.login import LogIn

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/login/", LogIn.as_view(), name="login"),
    path("accounts/", include("django.contrib.auth.urls")),
    path("", include("annotations.urls")),
]

handler400 = "annotations.views.errors.bad_request"
handler403 = "annotations.views.errors.forbidden"
handler404 = "annotations.views.errors.not_found"
