"""Take out drafts that equal the answer in force: they stood as changed after submission for ever."""

import re

from django.db import migrations

KEY = re.compile(r"^q-([a-z][a-z0-9_-]*)(?:[.~].*)?$")


def drop_equal_drafts(apps, schema_editor):
    DraftSection = apps.get_model("surveys", "DraftSection")
    Question = apps.get_model("surveys", "Question")
    Revision = apps.get_model("surveys", "SubmissionRevision")
    sections = {}
    for draft in DraftSection.objects.filter(target__submission__isnull=False).select_related(
        "target__submission"
    ):
        submission = draft.target.submission
        revision = Revision.objects.filter(submission=submission, number=submission.revision).first()
        if revision is None:
            continue
        survey = draft.target.survey_id
        if survey not in sections:
            sections[survey] = dict(
                Question.objects.filter(survey=survey).values_list("key", "section__code")
            )
        places = sections[survey]
        respondent = "respondent" if any(places.values()) else "main"
        in_force = {}
        for name, value in revision.content.items():
            match = KEY.match(name)
            section = (places.get(match[1]) or "main") if match else respondent
            if section == draft.section and value:
                in_force[name] = value
        if {name: value for name, value in draft.values.items() if value} == in_force:
            draft.delete()


class Migration(migrations.Migration):
    dependencies = [("surveys", "0007_discarded_event")]
    operations = [migrations.RunPython(drop_equal_drafts, migrations.RunPython.noop)]
