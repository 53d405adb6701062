"""What editions of results keep and never show is signed as it stands."""

from django.db import migrations, models

from members.common.merging import digest
from members.common.publication.seal import sign


def sign_what_is_kept(apps, schema_editor):
    for edition in apps.get_model("surveys", "ResultsEdition").objects.iterator():
        kept = [edition.contributions, edition.small_change_reason]
        edition.private_signature = sign(digest([edition.chain_hash, kept]))
        edition.save(update_fields=["private_signature"])


class Migration(migrations.Migration):
    dependencies = [("surveys", "0013_unit_from_the_roster")]

    operations = [
        migrations.AddField(
            model_name="resultsedition",
            name="private_signature",
            field=models.CharField(default="", max_length=128, verbose_name="公開しない記録の署名"),
            preserve_default=False,
        ),
        migrations.RunPython(sign_what_is_kept, migrations.RunPython.noop),
    ]
