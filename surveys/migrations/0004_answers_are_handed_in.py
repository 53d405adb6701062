from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("surveys", "0003_drafts_apart_from_answers")]

    operations = [
        migrations.AlterField(
            model_name='submission',
            name='submitted_at',
            field=models.DateTimeField(editable=False, verbose_name='提出日時'),
        ),
    ]
