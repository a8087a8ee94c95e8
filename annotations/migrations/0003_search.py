"""Full text: a folded column on passages, filled from their text, and each database's index of it."""

from django.db import migrations

import annotations.models.search
from annotations.search_text import fold

ROWS = 500


def fold_passages(apps, schema_editor):
    """What the field does at every save from now on."""
    Passage = apps.get_model("annotations", "Passage")
    passages = Passage.objects.using(schema_editor.connection.alias)
    batch = []
    for passage in passages.only("text").order_by("pk").iterator(chunk_size=ROWS):
        passage.folded = fold(passage.text)
        batch.append(passage)
        if len(batch) == ROWS:
            passages.bulk_update(batch, ["folded"])
            batch = []
    passages.bulk_update(batch, ["folded"])


def make_index(apps, schema_editor):
    """SQLite's table is kept by triggers, which are made after the migrations, and is filled then."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            "CREATE VIRTUAL TABLE annotations_passage_fts USING fts5("
            "folded, content='annotations_passage', content_rowid='id', "
            "tokenize='unicode61 remove_diacritics 0')"
        )
        return
    # The bulk update's constraint checks are still to come, and no index is made while they are.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute(
        "CREATE INDEX passage_search ON annotations_passage USING gin (to_tsvector('simple', folded))"
    )


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE annotations_passage_fts")
    else:
        schema_editor.execute("DROP INDEX passage_search")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0002_workbench_and_curation")]

    operations = [
        migrations.AddField(
            model_name="passage",
            name="folded",
            field=annotations.models.search.FoldedTextField(default="", editable=False, of="text"),
        ),
        migrations.RunPython(fold_passages, migrations.RunPython.noop),
        migrations.RunPython(make_index, drop_index),
    ]
