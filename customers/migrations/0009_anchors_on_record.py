"""Which checkpoints have left the database."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from customers.evidence.triggers import InstallTriggers


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0008_shared_cache'),
    ]

    operations = [
        migrations.CreateModel(
            name='Anchoring',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='anchored at')),
                ('checkpoint', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.checkpoint', verbose_name='checkpoint')),
            ],
            options={
                'verbose_name': 'anchoring',
                'verbose_name_plural': 'anchorings',
            },
        ),
        InstallTriggers(["Anchoring"]),
    ]
