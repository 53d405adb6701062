"""Where in the guide the screen of the admin that somebody looks at is told of."""

from django.http import HttpRequest
from django.urls import reverse

# The first that the name of a screen's address begins with; the rest leads to the top.
SECTIONS = (
    ("members_deskperson", "desks"),
    ("members_rosterreply", "desks"),
    ("members_auditentry", "accounts"),
    ("members_council", "roster"),
    ("members_", "roster"),
    ("rollover", "roster"),
    ("reorganisation", "roster"),
    ("meetings_meeting_record", "minutes"),
    ("meetings_meeting_minutes-paste", "minutes"),
    ("meetings_meeting_to-do", "minutes"),
    ("meetings_meeting_excerpt", "minutes"),
    ("meetings_meeting_remarks", "remarks"),
    ("meetings_meeting_publication", "publishing"),
    ("meetings_", "meetings"),
    ("surveys_survey_board", "running"),
    ("surveys_survey_bodies", "running"),
    ("surveys_survey_mail", "running"),
    ("surveys_survey_open", "running"),
    ("surveys_survey_close", "results"),
    ("surveys_survey_results", "results"),
    ("surveys_survey_texts", "results"),
    ("surveys_indicator", "results"),
    ("surveys_inquiry", "running"),
    ("surveys_faq", "running"),
    ("surveys_surveytarget", "running"),
    ("surveys_submission", "running"),
    ("surveys_", "questionnaire"),
    ("council_annualreport_publication", "report-publishing"),
    ("council_lockout", "accounts"),
    ("council_", "report"),
    ("auth_", "accounts"),
)


def help_address(request: HttpRequest) -> str:
    """The guide of the secretariat's year, at the section of this screen."""
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    section = next((anchor for head, anchor in SECTIONS if name.startswith(head)), "")
    return reverse("guide", args=["secretariat"]) + (f"#{section}" if section else "")
