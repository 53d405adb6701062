"""Corrections that wait are proposed anew: they were kept in a form that could not be approved."""

from django.db import migrations, models


def forget_waiting(apps, schema_editor):
    apps.get_model("meetings", "CorrectionProposal").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("meetings", "0007_correction_proposals")]

    operations = [
        migrations.RunPython(forget_waiting, migrations.RunPython.noop),
        migrations.AddField(
            model_name="correctionproposal",
            name="seed",
            field=models.CharField(default="", max_length=20, verbose_name="固定IDの元"),
            preserve_default=False,
        ),
    ]
