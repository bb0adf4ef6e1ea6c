"""A plan in short beside it, and what is long in a plan at the end of its row."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import adminui.jsonfield

LONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("held", {"default": list}),
    ("steps", {"default": list}),
    ("changesets", {}),
)


def to_the_end(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite keeps columns as they were made, and finds one behind megabytes only by going through these.

    By hand, because Django makes the whole table anew for this and puts a column that refers to its own table last.
    """
    if not getattr(schema_editor.connection.features, "can_alter_table_drop_column", False):
        return
    for name, _ in LONG if schema_editor.connection.vendor == "sqlite" else ():
        schema_editor.execute(f"ALTER TABLE runs_plan RENAME COLUMN {name} TO was_{name}")
        schema_editor.execute(f"ALTER TABLE runs_plan ADD COLUMN {name} text NOT NULL DEFAULT '[]'")
        schema_editor.execute(f"UPDATE runs_plan SET {name} = was_{name}")
        schema_editor.execute(f"ALTER TABLE runs_plan DROP COLUMN was_{name}")


class Migration(migrations.Migration):
    dependencies = [("runs", "0003_steering")]

    operations = [
        migrations.AddField("plan", "summary", adminui.jsonfield.ExactJSONField(default=dict)),
        migrations.RunPython(to_the_end, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                operation
                for name, options in LONG
                for operation in (
                    migrations.RemoveField("plan", name),
                    migrations.AddField("plan", name, adminui.jsonfield.ExactJSONField(**options)),
                )
            ]
        ),
    ]
