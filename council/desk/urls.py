"""Addresses below ``desk/``."""

from django.urls import path

from council.desk import entering, people_views, views

urlpatterns = [
    path("", entering.ask_entrance, name="desk-entrance"),
    path("enter/<str:token>/", entering.enter, name="desk-enter"),
    path("open/<str:token>/", views.open_desk, name="desk-open"),
    path("<slug:anchor>/", views.desk, name="desk"),
    path("<slug:anchor>/people/", people_views.people, name="desk-people"),
    path("<slug:anchor>/leave/", views.leave, name="desk-leave"),
    path("<slug:anchor>/surveys/<slug:target>/", views.open_survey, name="desk-survey"),
    path("<slug:anchor>/remarks/<slug:remarks>/", views.open_remarks, name="desk-remarks"),
    path("<slug:anchor>/meetings/<int:meeting>/", views.meeting, name="desk-meeting"),
    path("<slug:anchor>/roster/<int:year>/", views.roster, name="desk-roster"),
    path("<slug:anchor>/materials/<slug:material>/<int:version>/", views.material, name="desk-material"),
]
