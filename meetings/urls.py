"""Addresses below a year's ``meetings/``."""

from django.urls import path

from meetings import views

urlpatterns = [
    path("", views.meeting_list, name="meetings"),
    path("<number:number>/", views.meeting, name="meeting"),
    path("<number:number>/history/", views.history, name="meeting-history"),
    path("<number:number>/materials/<slug:anchor>/<number:version>/", views.material, name="material"),
    path("<number:number>/materials.zip", views.materials_zip, name="meeting-zip"),
    path("<number:number>/record.docx", views.word, name="meeting-word"),
    path("<number:number>/meeting.ics", views.meeting_calendar, name="meeting-calendar"),
]
