"""The number of a removed free section is never given to another."""

from django.db import migrations, models


def count_what_was_given(apps, schema_editor):
    for report in apps.get_model("council", "AnnualReport").objects.all():
        kinds = set(report.sections.values_list("kind", flat=True))
        for content in report.editions.values_list("content", flat=True).iterator():
            kinds |= {section.get("kind", "") for section in content.get("sections", [])}
        numbers = [kind.removeprefix("free-") for kind in kinds if kind.startswith("free-")]
        report.last_free_number = max((int(each) for each in numbers if each.isdigit()), default=0)
        report.save(update_fields=["last_free_number"])


class Migration(migrations.Migration):
    dependencies = [("council", "0014_lifted_by_figure")]

    operations = [
        migrations.AddField(
            model_name="annualreport",
            name="last_free_number",
            field=models.PositiveSmallIntegerField(
                default=0, editable=False, verbose_name="加えた節の番号"
            ),
        ),
        migrations.RunPython(count_what_was_given, migrations.RunPython.noop),
    ]
