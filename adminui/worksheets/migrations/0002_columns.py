import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import adminui.jsonfield


class Migration(migrations.Migration):
    dependencies = [
        ("worksheets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(  # the name goes to a column of its own
            model_name="row",
            name="worksheet",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="worksheets.worksheet"
            ),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="baseline",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="cancel_asked",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="expected",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="lease_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="origin",
            field=adminui.jsonfield.ExactJSONField(default=dict),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="problem",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="progress",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="reader",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="rows",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="sharing",
            field=models.CharField(
                blank=True, choices=[("", "Nobody"), ("view", "View"), ("edit", "Edit")], default="", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="started_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="state",
            field=models.CharField(
                choices=[
                    ("reading", "Reading"),
                    ("ready", "Ready"),
                    ("refreshing", "Refreshing"),
                    ("stopped", "Stopped"),
                ],
                db_index=True,
                default="reading",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="worksheet",
            name="version",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="worksheet",
            name="read_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("staged", models.BooleanField(default=False)),
                ("field", models.CharField(max_length=200)),
                ("part", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "worksheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="worksheets.worksheet"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Layout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("connection", models.CharField(max_length=100)),
                ("resource", models.CharField(max_length=100)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("data", models.JSONField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Marks",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=200)),
                ("part", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                ("pending", models.PositiveIntegerField(default=0)),
                ("invalid", models.PositiveIntegerField(default=0)),
                ("clashes", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                (
                    "worksheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="worksheets.worksheet"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField()),
                ("row", models.PositiveIntegerField(null=True)),
                ("field", models.CharField(blank=True, max_length=200)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "worksheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="present", to="worksheets.worksheet"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField()),
                ("token", models.UUIDField()),
                ("kind", models.CharField(max_length=20)),
                ("label", models.CharField(max_length=200)),
                ("user_name", models.CharField(max_length=150)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("cells", models.PositiveIntegerField(default=0)),
                ("data", models.BinaryField()),
                ("undone", models.BooleanField(default=False)),
                ("dropped", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "worksheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="worksheets.worksheet"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.AddConstraint(
            model_name="chunk",
            constraint=models.UniqueConstraint(
                fields=("worksheet", "staged", "field", "part"), name="one_chunk_per_part"
            ),
        ),
        migrations.AddConstraint(
            model_name="layout",
            constraint=models.UniqueConstraint(
                fields=("owner", "connection", "resource", "name"), name="one_layout_per_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="marks",
            constraint=models.UniqueConstraint(fields=("worksheet", "field", "part"), name="one_marks_per_part"),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(fields=("worksheet", "user"), name="one_presence_per_person"),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(fields=("worksheet", "number"), name="one_step_per_number"),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(fields=("worksheet", "token"), name="one_step_per_token"),
        ),
    ]
