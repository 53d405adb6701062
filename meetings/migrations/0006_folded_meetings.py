"""Meetings are found by number, day and place; hiragana and katakana fold alike."""

from typing import Any

import members.common.text.folding
from django.db import migrations

from members.common.text.eras import format_date, format_weekday
from members.common.text.folding import refold, search_fold

MODES = {"in_person": "対面", "online": "Web会議", "hybrid": "対面とWeb会議の併用", "written": "書面開催"}


def fold_meetings(apps: Any, schema_editor: Any) -> None:
    meetings = apps.get_model("meetings", "Meeting").objects
    rows = list(meetings.only("pk", "number", "held_on", "mode", "place"))
    for row in rows:
        day = f"{format_date(row.held_on)}（{format_weekday(row.held_on)}）"
        words = [f"第{row.number}回会議", day, MODES.get(row.mode, ""), row.place]
        row.folded = search_fold("　".join(filter(None, words)))
    meetings.bulk_update(rows, ["folded"], batch_size=500)
    refold(apps.get_model("meetings", "AgendaItem"), "label", "title")
    refold(apps.get_model("meetings", "MinuteEntry"), "body", "speaker_name", "speaker_post")
    refold(apps.get_model("meetings", "Material"), "label", "title", "provider")


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0005_publishable'),
    ]

    operations = [
        migrations.AddField(
            model_name='meeting',
            name='folded',
            field=members.common.text.folding.FoldedField(blank=True, default='', editable=False, sources=('search_text',)),
        ),
        migrations.RunPython(fold_meetings, migrations.RunPython.noop),
    ]
