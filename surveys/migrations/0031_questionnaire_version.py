import django.db.models.deletion
from django.db import migrations, models

import surveys.models.version


def give_one_to_each(apps, schema_editor):
    """Surveys that are there already can be kept from the first answer on."""
    version = apps.get_model("surveys", "QuestionnaireVersion")
    surveys = apps.get_model("surveys", "Survey").objects.values_list("pk", flat=True)
    version.objects.bulk_create(version(survey_id=pk) for pk in surveys)


class Migration(migrations.Migration):

    dependencies = [
        ("surveys", "0030_kind_at_opening_has_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="QuestionnaireVersion",
            fields=[
                (
                    "survey",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="questionnaire_version",
                        serialize=False,
                        to="surveys.survey",
                        verbose_name="アンケート",
                    ),
                ),
                ("value", models.CharField(default=surveys.models.version.new_version, max_length=40)),
            ],
            options={
                "verbose_name": "質問票の版",
                "verbose_name_plural": "質問票の版",
                "default_permissions": (),
            },
        ),
        migrations.RunPython(give_one_to_each, migrations.RunPython.noop),
    ]
