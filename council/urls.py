"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path, register_converter

from council import views
from members.converters import FiscalYearConverter

register_converter(FiscalYearConverter, "yyyy")

urlpatterns = [
    path("", views.home, name="home"),
    path("councils/<slug:slug>/", views.council, name="council"),
    path("councils/<slug:slug>/<yyyy:year>/", views.council_year, name="council-year"),
    path("councils/<slug:slug>/<yyyy:year>/figures/<slug:key>/", views.figure, name="figure"),
    path("councils/<slug:slug>/<yyyy:year>/meetings/", include("meetings.urls")),
    path("organizations/<str:code>/", views.organization, name="organization"),
    path("answer/", include("surveys.urls")),
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
]
