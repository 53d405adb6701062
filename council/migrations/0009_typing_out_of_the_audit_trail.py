"""Take out of the audit trail what municipalities and staff typed and had not handed in or saved."""

from django.db import migrations

TYPING = (("surveys", "draftsection"), ("meetings", "autosaveddraft"), ("council", "reportdraft"))


def purge(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    LogEntry = apps.get_model("auditlog", "LogEntry")
    for app, model in TYPING:
        for kind in ContentType.objects.filter(app_label=app, model=model):
            LogEntry.objects.filter(content_type=kind).delete()
    # An uploaded workbook is no answer yet: what it said goes, that it came and was decided on stays.
    for kind in ContentType.objects.filter(app_label="surveys", model="workbookupload"):
        for entry in LogEntry.objects.filter(content_type=kind).iterator():
            kept = {name: value for name, value in (entry.changes or {}).items() if name not in {"values", "problems"}}
            if kept != entry.changes:
                entry.changes = kept
                entry.changes_text = ""
                entry.serialized_data = None
                entry.save(update_fields=["changes", "changes_text", "serialized_data"])


class Migration(migrations.Migration):
    dependencies = [
        ("council", "0008_no_writes_on_reads"),
        ("auditlog", "0017_add_actor_email"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(purge, migrations.RunPython.noop)]
