"""Officers look back: at a month of the log, and each quarter at who holds what; the words of a review are read."""

import customers.vault.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from customers.evidence.new_tables import CreateTables
from customers.evidence.triggers import InstallTriggers, PutTriggersBack


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0006_keep_documents_and_answer_authorities'),
        ('disclosures', '0002_checks_of_the_log_and_who_lifts_a_freeze'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        PutTriggersBack(["Reading"]),
        migrations.AlterField(
            model_name='reading',
            name='what',
            field=models.CharField(choices=[('words', 'the words of a request'), ('document', 'a document'), ('review', 'the words of a review')], max_length=16, verbose_name='what'),
        ),
        CreateTables(
            [
                migrations.CreateModel(
                    name='AccessReview',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('quarter', models.CharField(max_length=7, unique=True, verbose_name='quarter')),
                        ('looked_at', models.JSONField(verbose_name='looked at')),
                        ('kept', models.PositiveIntegerField(verbose_name='to keep')),
                        ('ended', models.PositiveIntegerField(verbose_name='to end')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'review of access',
                        'verbose_name_plural': 'reviews of access',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='ReviewBegun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('month', models.CharField(max_length=7, unique=True, verbose_name='month')),
                        ('seed', models.CharField(max_length=64, verbose_name='seed of the sample')),
                        ('checkpoint_size', models.PositiveBigIntegerField(verbose_name='entries of the checkpoint it comes from')),
                        ('checkpoint_root', models.CharField(max_length=64, verbose_name='root of that checkpoint')),
                        ('entries', models.PositiveIntegerField(verbose_name='disclosures of the month')),
                        ('many_fields', models.PositiveSmallIntegerField(verbose_name='so many fields are many')),
                        ('sample_size', models.PositiveSmallIntegerField(verbose_name='so many are drawn')),
                        ('must_see', models.JSONField(verbose_name='must be seen')),
                        ('sampled', models.JSONField(verbose_name='drawn by lot')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'beginning of a month’s review',
                        'verbose_name_plural': 'beginnings of months’ reviews',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='AccessVerdict',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('quarter', models.CharField(max_length=7, verbose_name='quarter')),
                        ('what', models.CharField(choices=[('role', 'role'), ('grant', 'personal grant')], max_length=8, verbose_name='what')),
                        ('row_key', models.PositiveBigIntegerField(verbose_name='row')),
                        ('role', models.CharField(blank=True, default='', max_length=60, verbose_name='role')),
                        ('verdict', models.CharField(choices=[('keep', 'Keep'), ('end', 'End')], max_length=8, verbose_name='verdict')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_verdicts', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.team')),
                    ],
                    options={
                        'verbose_name': 'verdict on a role or grant',
                        'verbose_name_plural': 'verdicts on roles and grants',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                        'indexes': [models.Index(fields=['quarter', '-id'], name='access_verdict_by_quarter'), models.Index(fields=['what', 'row_key', '-id'], name='access_verdict_by_row')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('by', models.F('person')), _negated=True), name='nobody_keeps_their_own')],
                    },
                ),
                migrations.CreateModel(
                    name='MonthReview',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('month', models.CharField(max_length=7, unique=True, verbose_name='month')),
                        ('looked_at', models.JSONField(verbose_name='looked at')),
                        ('questioned', models.PositiveIntegerField(verbose_name='questioned')),
                        ('checkpoint_size', models.PositiveBigIntegerField(verbose_name='entries of the checkpoint')),
                        ('checkpoint_root', models.CharField(max_length=64, verbose_name='root of the checkpoint')),
                        ('consistent', models.BooleanField(verbose_name='the log was proved to go on from the last review')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('previous', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='next', to='disclosures.monthreview')),
                        ('begun', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='disclosures.reviewbegun')),
                    ],
                    options={
                        'verbose_name': 'review of a month',
                        'verbose_name_plural': 'reviews of months',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                        'constraints': [models.CheckConstraint(condition=models.Q(('consistent', True)), name='a_review_stands_on_one_log'), models.UniqueConstraint(condition=models.Q(('previous', None)), fields=('consistent',), name='one_review_is_the_first')],
                    },
                ),
                migrations.CreateModel(
                    name='ReviewVerdict',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('seal_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='seal id')),
                        ('month', models.CharField(max_length=7, verbose_name='month')),
                        ('what', models.CharField(choices=[('disclosure', 'disclosure'), ('break_glass', 'glass broken'), ('over_budget', 'reveals over budget'), ('allowance', 'more reveals allowed')], max_length=16, verbose_name='what')),
                        ('row_key', models.PositiveBigIntegerField(verbose_name='row')),
                        ('verdict', models.CharField(choices=[('right', 'Right'), ('questioned', 'Questioned')], max_length=16, verbose_name='verdict')),
                        ('words', customers.vault.fields.SealedField(kind='request', null=True, verbose_name='in words')),
                        ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('done_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'verdict of a review',
                        'verbose_name_plural': 'verdicts of reviews',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                        'indexes': [models.Index(fields=['month', '-id'], name='verdict_by_month')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('by', models.F('done_by')), _negated=True), models.Q(('proposed_by__isnull', True), models.Q(('by', models.F('proposed_by')), _negated=True), _connector='OR'), models.Q(('approved_by__isnull', True), models.Q(('by', models.F('approved_by')), _negated=True), _connector='OR')), name='nobody_judges_their_own')],
                    },
                ),
            ]
        ),
        InstallTriggers(
            ["AccessReview", "AccessVerdict", "MonthReview", "Reading", "ReviewBegun", "ReviewVerdict"]
        ),
    ]
