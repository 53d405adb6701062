"""What was saved but never handed in becomes a draft; choice questions that have public figures stay public."""

from django.db import migrations


def move_drafts(apps, schema_editor):
    Submission = apps.get_model("surveys", "Submission")
    DraftSection = apps.get_model("surveys", "DraftSection")
    for submission in Submission.objects.filter(submitted_at=None):
        values = {}
        for answer in submission.answers.select_related("question", "topic", "choice"):
            name = f"q-{answer.question.key}"
            if answer.topic:
                name += f".{answer.topic.code}"
            if answer.question.kind == "multiple":
                values.setdefault(name, []).append(answer.choice.code)
            elif answer.choice:
                values[name] = answer.choice.code
            elif answer.number is not None:
                values[name] = f"{answer.number.normalize():f}"
            else:
                values[name] = answer.text
        respondent = {
            "respondent_department": submission.respondent_department,
            "respondent_name": submission.respondent_name,
        }
        for section, typed in (("main", values), ("respondent", respondent)):
            DraftSection.objects.create(target_id=submission.target_id, section=section, values=typed)
        submission.delete()


def keep_public(apps, schema_editor):
    Question = apps.get_model("surveys", "Question")
    Question.objects.filter(choices__counted_by__isnull=False).update(disclosure="public")


class Migration(migrations.Migration):

    dependencies = [("surveys", "0002_whole_questionnaires")]

    operations = [
        migrations.RunPython(move_drafts, migrations.RunPython.noop),
        migrations.RunPython(keep_public, migrations.RunPython.noop),
    ]
