"""What was let stand is bound to the figures too; what was lifted before is checked anew."""

from django.db import migrations, models


def forget_lifted(apps, schema_editor):
    # Editions keep the reasons that they were published with.
    apps.get_model("council", "LiftedNumber").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("council", "0013_lifted_numbers")]

    operations = [
        migrations.RunPython(forget_lifted, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="liftednumber", name="number_lifted_once"),
        migrations.AddField(
            model_name="liftednumber",
            name="key",
            field=models.CharField(default="", editable=False, max_length=64, verbose_name="文と指標"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="liftednumber",
            name="number",
            field=models.CharField(default="", max_length=200, verbose_name="数値"),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="liftednumber", name="wording", field=models.TextField(verbose_name="文")
        ),
        migrations.AddConstraint(
            model_name="liftednumber",
            constraint=models.UniqueConstraint(
                fields=("report", "key"),
                name="number_lifted_once",
                violation_error_message="この文はすでに認められています。",
            ),
        ),
    ]
