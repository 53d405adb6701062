"""Addresses of the answering pages, below ``answer/``."""

from django.urls import path

from surveys import views

urlpatterns = [
    path("open/<str:token>/", views.open_link, name="answer-open"),
    path("parts/open/<str:token>/", views.open_part, name="answer-part-open"),
    path("parts/<slug:anchor>/", views.part, name="answer-part"),
    path("parts/<slug:anchor>/files/<int:pk>/", views.survey_file_of_part, name="answer-part-file"),
    path("parts/<slug:anchor>/leave/", views.leave_part, name="answer-part-leave"),
    path("<slug:anchor>/", views.overview, name="answer"),
    path("<slug:anchor>/links/", views.section_links, name="answer-section-links"),
    path("<slug:anchor>/leave/", views.leave, name="answer-leave"),
    path("<slug:anchor>/sections/<slug:code>/", views.section, name="answer-section"),
    path("<slug:anchor>/approval/", views.approve, name="answer-approval"),
    path("<slug:anchor>/check/", views.check, name="answer-check"),
    path("<slug:anchor>/discard/", views.discard_changes, name="answer-discard"),
    path("<slug:anchor>/return/", views.answer_comments, name="answer-return"),
    path("<slug:anchor>/questions/", views.inquiries, name="answer-inquiries"),
    path("<slug:anchor>/attachments/", views.attachments, name="answer-attachments"),
    path("<slug:anchor>/attachments/<int:pk>/", views.attachment, name="answer-attachment"),
    path("<slug:anchor>/files/<int:pk>/", views.survey_file, name="answer-file"),
    path("<slug:anchor>/receipt/", views.receipt, name="answer-receipt"),
    path("<slug:anchor>/print/", views.print_sheet, name="answer-print"),
    path("<slug:anchor>/workbook.xlsx", views.download_workbook, name="answer-workbook"),
    path("<slug:anchor>/workbook/", views.return_workbook, name="answer-workbook-return"),
    path("<slug:anchor>/workbook/<int:pk>/", views.preview_workbook, name="answer-workbook-preview"),
    path("<slug:anchor>/results/", views.shared_results, name="answer-results"),
]
