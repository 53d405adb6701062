from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("surveys", "0010_results_editions")]

    operations = [migrations.RenameField("resultsedition", "bodies", "contributions")]
