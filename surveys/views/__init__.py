"""Pages of the questionnaires: answering by link, and the results."""

from surveys.views.answering import leave, open_link, overview, print_sheet, receipt, section
from surveys.views.approving import approve
from surveys.views.attachments import attachment, attachments, survey_file, survey_file_of_part
from surveys.views.discarding import discard_changes
from surveys.views.inquiries import inquiries
from surveys.views.parts import leave_part, open_part, part, section_links
from surveys.views.results import public_results, public_tally, shared_results
from surveys.views.returned import answer_comments
from surveys.views.submitting import check
from surveys.views.workbook import download_workbook, preview_workbook, return_workbook

__all__ = [
    "answer_comments",
    "approve",
    "attachment",
    "attachments",
    "check",
    "discard_changes",
    "download_workbook",
    "inquiries",
    "leave",
    "leave_part",
    "open_link",
    "open_part",
    "overview",
    "part",
    "preview_workbook",
    "print_sheet",
    "public_results",
    "public_tally",
    "receipt",
    "return_workbook",
    "section",
    "section_links",
    "shared_results",
    "survey_file",
    "survey_file_of_part",
]
