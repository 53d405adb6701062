"""Public records keep the names that stand in them: a body's new name is not theirs."""

from django.db import migrations

PUBLIC = ("published", "corrected")


def keep_names(apps, schema_editor):
    """The names that stand in public records today, as the year's roster has them."""
    Attendance = apps.get_model("meetings", "Attendance")
    Membership = apps.get_model("members", "Membership")
    names = {}
    rows = Membership.objects.exclude(organization_name="").order_by("-pk")
    for year, organization, name in rows.values_list(
        "council_year", "department__organization", "organization_name"
    ):
        names[year, organization] = name
    public = Attendance.objects.filter(meeting__record_status__in=PUBLIC)
    for row in public.select_related("organization", "meeting"):
        found = names.get((row.meeting.council_year_id, row.organization_id))
        row.published_name = found or row.organization.name
        row.save(update_fields=["published_name"])


class Migration(migrations.Migration):
    dependencies = [("meetings", "0012_names_and_moments_of_the_record"), ("members", "0013_desks")]
    operations = [migrations.RunPython(keep_names, migrations.RunPython.noop)]
