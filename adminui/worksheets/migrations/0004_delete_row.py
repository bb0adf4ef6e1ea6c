from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("worksheets", "0003_rows_to_columns")]
    operations = [migrations.DeleteModel(name="Row")]
