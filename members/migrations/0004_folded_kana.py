"""Hiragana and katakana fold alike."""

from typing import Any

from django.db import migrations

from members.common.text.folding import refold


def fold_names(apps: Any, schema_editor: Any) -> None:
    refold(apps.get_model("members", "Organization"), "name", "kana", "code", "district")


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0003_names_of_a_year'),
    ]

    operations = [
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
