"""Addresses of the answering pages, below ``answer/``."""

from django.urls import path

from surveys import views

urlpatterns = [
    path("open/<str:token>/", views.open_link, name="answer-open"),
    path("<slug:anchor>/", views.overview, name="answer"),
    path("<slug:anchor>/edit/", views.edit, name="answer-edit"),
    path("<slug:anchor>/check/", views.check, name="answer-check"),
    path("<slug:anchor>/receipt/", views.receipt, name="answer-receipt"),
]
