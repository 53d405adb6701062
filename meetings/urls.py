"""Addresses below a year's ``meetings/``."""

from django.urls import path

from meetings import views

urlpatterns = [
    path("<int:number>/", views.meeting, name="meeting"),
]
