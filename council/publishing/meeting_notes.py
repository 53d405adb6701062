"""What a meeting's page says where its record is not as the year's public report tells it."""

from dataclasses import replace
from typing import Any

from council.editions.differences import differing_fields
from council.editions.reading import find, printed_of
from council.report.build import load_meetings
from meetings.models import Meeting
from meetings.signals import Note
from members.common.publication.seal import EditionFault
from members.common.text.eras import format_time


def note_beside_report(meeting: Meeting, **kwargs: Any) -> Note | None:
    """Say which edition a meeting's page differs from, and in what; the reasons are its corrections'."""
    year = meeting.council_year
    found = find(year.council.slug, year.year)
    if found is None:
        return None
    try:
        printed = printed_of(found)
    except EditionFault:
        return None
    told = next((each for each in printed.report.meetings if each.number == meeting.number), None)
    now = next(iter(load_meetings(year, planned=True, number=meeting.number)), None)
    if told and now and not told.attendances:
        # An edition from before kept only how many came.
        now = replace(now, attendances=())
    if now is None or now == told:
        return None
    imprint = printed.imprint
    name = f"年次報告書 第{imprint.number}版"
    moment = format_time(imprint.published_at)
    if told is None:
        text = f"この会議は、{moment}に公開した{name}には載っていません。"
    else:
        fields = "、".join(differing_fields(told, now))
        text = f"{moment}に公開した{name}の後に、このページの{fields}が変わっています。"
    return Note(text, f"{name}を見る", year.get_absolute_url())
