"""Public pages, files and feeds of meetings."""

from meetings.views.calendars import council_calendar, meeting_calendar
from meetings.views.feed import RecordFeed
from meetings.views.files import material, materials_zip, word
from meetings.views.page import history, meeting, meeting_list
from meetings.views.remarks import open_remarks, remarks

__all__ = [
    "RecordFeed",
    "council_calendar",
    "history",
    "material",
    "materials_zip",
    "meeting",
    "meeting_calendar",
    "meeting_list",
    "open_remarks",
    "remarks",
    "word",
]
