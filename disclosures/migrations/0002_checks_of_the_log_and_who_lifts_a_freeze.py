"""Checks of the log for tampering, and who lets disclosing go on after one that failed."""

import customers.vault.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from customers.evidence.new_tables import CreateTables
from customers.evidence.triggers import InstallTriggers


class Migration(migrations.Migration):

    dependencies = [
        ('disclosures', '0001_recipients_requests_and_what_left'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name='TamperCheck',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('size', models.BigIntegerField(verbose_name='entries checked')),
                        ('anchors', models.PositiveIntegerField(verbose_name='anchors')),
                        ('whole', models.BooleanField(verbose_name='whole')),
                        ('first_bad', models.BigIntegerField(null=True, verbose_name='first bad entry')),
                        ('what', models.CharField(blank=True, default='', max_length=300, verbose_name='what is wrong')),
                        ('more', models.PositiveIntegerField(default=0, verbose_name='further findings')),
                        ('last_good', models.BigIntegerField(null=True, verbose_name='last good checkpoint')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'check of the log',
                        'verbose_name_plural': 'checks of the log',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='FreezeLift',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('seal_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='seal id')),
                        ('ticket', models.CharField(blank=True, default='', max_length=40, verbose_name='ticket')),
                        ('words', customers.vault.fields.SealedField(kind='request', verbose_name='in words')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('tamper_check', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lifts', to='disclosures.tampercheck')),
                    ],
                    options={
                        'verbose_name': 'lifting of a freeze',
                        'verbose_name_plural': 'liftings of a freeze',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.AddIndex(
                    model_name='tampercheck',
                    index=models.Index(fields=['whole', '-id'], name='tamper_check_by_answer'),
                ),
                migrations.AddConstraint(
                    model_name='tampercheck',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_bad__isnull', True), ('more', 0), ('what', ''), ('whole', True)), models.Q(('whole', False), models.Q(('what', ''), _negated=True)), _connector='OR'), name='a_failed_check_says_what'),
                ),
                migrations.AddConstraint(
                    model_name='freezelift',
                    constraint=models.UniqueConstraint(fields=('tamper_check', 'by'), name='an_officer_lifts_a_freeze_once'),
                ),
            ]
        ),
        InstallTriggers(["FreezeLift", "TamperCheck"]),
    ]
