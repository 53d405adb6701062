"""Put the public materials into each meeting's newest state, so that the next change of them is seen."""

from django.db import migrations


def add_materials(apps, schema_editor):
    Revision = apps.get_model("meetings", "RecordRevision")
    Material = apps.get_model("meetings", "Material")
    Version = apps.get_model("meetings", "MaterialVersion")
    newest = {}
    for revision in Revision.objects.order_by("meeting", "number"):
        newest[revision.meeting_id] = revision
    for meeting, revision in newest.items():
        if "materials" in revision.content:
            continue
        revision.content["materials"] = [
            {
                **{name: getattr(material, name) for name in ("anchor", "label", "title", "kind", "provider", "url")},
                "file": " ".join(
                    f"{version.name}（第{version.number}版）"
                    for version in Version.objects.filter(material=material).order_by("-number")
                ),
            }
            for material in Material.objects.filter(meeting=meeting, is_public=True).order_by("position", "pk")
        ]
        revision.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("meetings", "0003_withdrawal")]
    operations = [migrations.RunPython(add_materials, migrations.RunPython.noop)]
