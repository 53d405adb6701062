"""Editions that were published before they were sealed are sealed as they stand."""

from typing import Any

from django.db import migrations, models

from members.common.publication.seal import seal_existing


def seal_what_is_there(apps: Any, schema_editor: Any) -> None:
    seal_existing(apps.get_model("surveys", "ResultsEdition"), "survey")


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0011_contributions'),
    ]

    operations = [
        migrations.AddField(
            model_name='resultsedition',
            name='content_hash',
            field=models.CharField(default='', max_length=64, verbose_name='内容のハッシュ値'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='resultsedition',
            name='previous_hash',
            field=models.CharField(blank=True, default='', max_length=64, verbose_name='前の版のハッシュ値'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='resultsedition',
            name='chain_hash',
            field=models.CharField(default='', max_length=64, verbose_name='版のハッシュ値'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='resultsedition',
            name='signature',
            field=models.CharField(default='', max_length=128, verbose_name='署名'),
            preserve_default=False,
        ),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
    ]
