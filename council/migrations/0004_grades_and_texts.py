"""Each year gets its own grades; what was published becomes what is searched."""

from django.db import migrations


def give_each_year_its_grades(apps, schema_editor):
    Grade = apps.get_model("council", "EvaluationGrade")
    Report = apps.get_model("council", "AnnualReport")
    shared = list(Grade.objects.filter(council_year=None))
    for year in apps.get_model("members", "CouncilYear").objects.all():
        for grade in shared:
            own = Grade.objects.create(
                council_year=year, label=grade.label, sentence=grade.sentence, position=grade.position
            )
            Report.objects.filter(council_year=year, grade=grade).update(grade=own)
    Grade.objects.filter(council_year=None).delete()


def tell_what_was_published(apps, schema_editor):
    """From the newest edition; before prose had lists, a paragraph was a list of segments."""
    for report in apps.get_model("council", "AnnualReport").objects.all():
        edition = report.editions.order_by("-number").first()
        for written in edition.content["sections"] if edition else ():
            paragraphs = ("".join(segment["text"] for segment in each) for each in written["paragraphs"])
            for section in report.sections.filter(kind=written["kind"]):
                section.published_heading = written["heading"]
                section.published_text = "\n".join(paragraphs)
                section.save()


class Migration(migrations.Migration):
    dependencies = [("council", "0003_writing")]

    operations = [
        migrations.RunPython(give_each_year_its_grades, migrations.RunPython.noop),
        migrations.RunPython(tell_what_was_published, migrations.RunPython.noop),
    ]
