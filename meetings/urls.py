"""Addresses below a year's ``meetings/``."""

from django.urls import path

from meetings import views
from meetings.record.withdrawn import note_of_meeting
from members.common.models.withdrawal import with_note

noted = with_note(note_of_meeting)

urlpatterns = [
    path("", views.meeting_list, name="meetings"),
    path("<number:number>/", noted(views.meeting), name="meeting"),
    path("<number:number>/history/", noted(views.history), name="meeting-history"),
    path("<number:number>/materials/<slug:anchor>/<number:version>/", noted(views.material), name="material"),
    path("<number:number>/materials.zip", noted(views.materials_zip), name="meeting-zip"),
    path("<number:number>/record.docx", noted(views.word), name="meeting-word"),
    path("<number:number>/meeting.ics", noted(views.meeting_calendar), name="meeting-calendar"),
]
