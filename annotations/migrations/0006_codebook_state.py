import uuid

import django.db.models.deletion
from django.db import migrations, models


def mark_every_study(apps, schema_editor):
    """The triggers that keep the states are made after the migrations, and change a row that is there."""
    states = apps.get_model("annotations", "CodebookState").objects
    studies = apps.get_model("annotations", "Study").objects.values_list("pk", flat=True)
    rows = [states.model(study_id=pk, token=str(uuid.uuid4())) for pk in studies]
    states.bulk_create(rows)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0005_revision_and_tallies'),
    ]

    operations = [
        migrations.CreateModel(
            name='CodebookState',
            fields=[
                ('study', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='codebook_state', serialize=False, to='annotations.study')),
                ('token', models.CharField(max_length=36)),
            ],
        ),
        migrations.RunPython(mark_every_study, migrations.RunPython.noop, elidable=False),
    ]
