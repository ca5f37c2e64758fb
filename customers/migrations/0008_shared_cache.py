"""A table for what several web machines count together; no model, as nothing but the cache reads it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0007_sign_ins'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.CreateModel(
                    name='SharedCache',
                    fields=[
                        ('key', models.CharField(max_length=255, primary_key=True, serialize=False)),
                        ('value', models.TextField()),
                        ('expires', models.FloatField(db_index=True, null=True)),
                    ],
                ),
            ],
        ),
    ]
