from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial")]

    operations = [
        # Runs from before this migration were absorbed when they ended.
        migrations.AddField("run", "absorbed", models.BooleanField(default=True)),
        migrations.AlterField("run", "absorbed", models.BooleanField(default=False)),
    ]
