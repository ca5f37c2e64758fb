"""Purposes, policy versions, what customers said about being contacted, and what was written to them."""

import customers.vault.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from customers.evidence.new_tables import CreateTables
from customers.evidence.triggers import InstallTriggers



class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0005_say_who_writes_to_customers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name='ConsentEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('seal_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='seal id')),
                        ('channel', models.CharField(blank=True, choices=[('email', 'e-mail'), ('sms', 'text message'), ('phone', 'call')], default='', max_length=8, verbose_name='channel')),
                        ('what', models.CharField(choices=[('granted', 'granted'), ('withdrawn', 'withdrawn'), ('objected', 'opted out')], max_length=16, verbose_name='what')),
                        ('through', models.CharField(choices=[('ticket', 'ticket'), ('phone', 'phone'), ('email', 'e-mail'), ('web', 'web'), ('paper', 'paper'), ('import', 'import')], max_length=16, verbose_name='through')),
                        ('evidence', models.CharField(blank=True, default='', max_length=64, verbose_name='evidence')),
                        ('words', customers.vault.fields.SealedField(kind='request', null=True, verbose_name='in words')),
                        ('asked_at', models.DateTimeField(null=True, verbose_name='asked')),
                        ('policy_sha256', models.CharField(blank=True, default='', max_length=64, verbose_name='SHA-256 of the policy’s text')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='consent_events', to='customers.customer')),
                        ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consent_events', to='customers.customerrequest')),
                    ],
                    options={
                        'verbose_name': 'what a customer said about being contacted',
                        'verbose_name_plural': 'what customers said about being contacted',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('seal_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='seal id')),
                        ('channel', models.CharField(choices=[('email', 'e-mail'), ('sms', 'text message'), ('phone', 'call')], max_length=8, verbose_name='channel')),
                        ('is_news', models.BooleanField(verbose_name='news')),
                        ('language', models.CharField(choices=[('vi', 'Vietnamese'), ('en', 'English')], max_length=2, verbose_name='language')),
                        ('field', models.CharField(max_length=100, verbose_name='field')),
                        ('row_seal_id', models.UUIDField(verbose_name='row')),
                        ('datum', models.CharField(choices=[('name', 'name'), ('company', 'company'), ('email', 'e-mail'), ('phone', 'phone'), ('service_access', 'service access'), ('password', 'password'), ('reason', 'reason'), ('request', 'words about a request'), ('letter', 'text of a letter'), ('code', 'code')], max_length=20, verbose_name='kind of datum')),
                        ('text', customers.vault.fields.SealedField(kind='letter', verbose_name='text')),
                        ('closes_at', models.DateTimeField(verbose_name='closes at')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('contact_point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.contactpoint')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contact_messages', to='customers.customer')),
                        ('rests_on', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consent.consentevent')),
                    ],
                    options={
                        'verbose_name': 'message under a purpose',
                        'verbose_name_plural': 'messages under a purpose',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='MessageOutcome',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('left', models.BooleanField(verbose_name='left')),
                        ('why', models.CharField(blank=True, default='', max_length=40, verbose_name='why not')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='message_outcomes', to='customers.customer')),
                        ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='outcome', to='consent.message')),
                    ],
                    options={
                        'verbose_name': 'outcome of a message under a purpose',
                        'verbose_name_plural': 'outcomes of messages under a purpose',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='MessageTemplate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('code', models.SlugField(max_length=40, verbose_name='code')),
                        ('subject_vi', models.CharField(max_length=120, verbose_name='subject in Vietnamese')),
                        ('text_vi', models.TextField(max_length=4000, verbose_name='text in Vietnamese')),
                        ('subject_en', models.CharField(max_length=120, verbose_name='subject in English')),
                        ('text_en', models.TextField(max_length=4000, verbose_name='text in English')),
                        ('in_use', models.BooleanField(default=True, verbose_name='in use')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'template',
                        'verbose_name_plural': 'templates',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.AddField(
                    model_name='message',
                    name='template',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consent.messagetemplate'),
                ),
                migrations.CreateModel(
                    name='PolicyVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('label', models.CharField(max_length=40, unique=True, verbose_name='version')),
                        ('is_material', models.BooleanField(verbose_name='a material change')),
                        ('changes', models.CharField(max_length=300, verbose_name='what changes')),
                        ('text_vi', models.TextField(verbose_name='text in Vietnamese')),
                        ('sha256_vi', models.CharField(max_length=64, verbose_name='SHA-256 of the Vietnamese text')),
                        ('text_en', models.TextField(blank=True, default='', verbose_name='text in English')),
                        ('sha256_en', models.CharField(blank=True, default='', max_length=64, verbose_name='SHA-256 of the English text')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'policy version',
                        'verbose_name_plural': 'policy versions',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.AddField(
                    model_name='consentevent',
                    name='policy_version',
                    field=models.ForeignKey(db_column='policy_version', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consent.policyversion', to_field='label'),
                ),
                migrations.CreateModel(
                    name='Purpose',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                        ('basis', models.CharField(choices=[('contract', 'contract'), ('opt_out', 'policy, until the customer opts out'), ('opt_in', 'consent')], max_length=16, verbose_name='legal basis')),
                        ('source', models.CharField(max_length=200, verbose_name='source')),
                        ('stopped_by_opt_out', models.BooleanField(verbose_name='stopped by an opt-out')),
                        ('channels', models.JSONField(verbose_name='channels')),
                        ('name_vi', models.CharField(max_length=80, verbose_name='name in Vietnamese')),
                        ('name_en', models.CharField(max_length=80, verbose_name='name in English')),
                        ('words_vi', models.CharField(max_length=300, verbose_name='explained in Vietnamese')),
                        ('words_en', models.CharField(max_length=300, verbose_name='explained in English')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'purpose',
                        'verbose_name_plural': 'purposes',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.AddField(
                    model_name='messagetemplate',
                    name='purpose',
                    field=models.ForeignKey(db_column='purpose', on_delete=django.db.models.deletion.PROTECT, related_name='templates', to='consent.purpose', to_field='code'),
                ),
                migrations.AddField(
                    model_name='message',
                    name='purpose',
                    field=models.ForeignKey(db_column='purpose', on_delete=django.db.models.deletion.PROTECT, related_name='contact_messages', to='consent.purpose', to_field='code'),
                ),
                migrations.CreateModel(
                    name='ContactRefusal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('channel', models.CharField(choices=[('email', 'e-mail'), ('sms', 'text message'), ('phone', 'call')], max_length=8, verbose_name='channel')),
                        ('why', models.CharField(max_length=24, verbose_name='why')),
                        ('door', models.CharField(choices=[('desk', 'the desk'), ('command', 'another system')], max_length=8, verbose_name='where')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_refusals', to='customers.customer')),
                        ('purpose', models.ForeignKey(db_column='purpose', on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='consent.purpose', to_field='code')),
                    ],
                    options={
                        'verbose_name': 'contact that the gate stopped',
                        'verbose_name_plural': 'contacts that the gate stopped',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.AddField(
                    model_name='consentevent',
                    name='purpose',
                    field=models.ForeignKey(db_column='purpose', db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='consent.purpose', to_field='code'),
                ),
                migrations.CreateModel(
                    name='ContactLimit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('channel', models.CharField(choices=[('email', 'e-mail'), ('sms', 'text message'), ('phone', 'call')], max_length=8, verbose_name='channel')),
                        ('from_hour', models.PositiveSmallIntegerField(verbose_name='from')),
                        ('to_hour', models.PositiveSmallIntegerField(verbose_name='until')),
                        ('a_day', models.PositiveSmallIntegerField(verbose_name='at most in 24 hours')),
                        ('source', models.CharField(max_length=200, verbose_name='source')),
                        ('confidence', models.CharField(choices=[('settled', 'settled'), ('likely', 'likely'), ('open', 'open until a lawyer confirms it')], max_length=16, verbose_name='confidence')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('verified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='verified by')),
                    ],
                    options={
                        'verbose_name': 'limit of news',
                        'verbose_name_plural': 'limits of news',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                        'indexes': [models.Index(fields=['channel', '-id'], name='limit_by_channel')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('a_day__gte', 1), ('from_hour__lt', models.F('to_hour')), ('to_hour__lte', 24)), name='hours_of_one_day')],
                    },
                ),
                migrations.CreateModel(
                    name='PolicyAcceptance',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('how', models.CharField(choices=[('registration', 'by registering'), ('use', 'by using the service'), ('express', 'expressly')], max_length=16, verbose_name='how')),
                        ('evidence', models.CharField(blank=True, default='', max_length=64, verbose_name='evidence')),
                        ('accepted_at', models.DateTimeField(verbose_name='accepted')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policy_acceptances', to='customers.customer')),
                        ('version', models.ForeignKey(db_column='version', on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='consent.policyversion', to_field='label')),
                    ],
                    options={
                        'verbose_name': 'acceptance of the policy',
                        'verbose_name_plural': 'acceptances of the policy',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                        'indexes': [models.Index(fields=['customer', '-id'], name='acceptance_by_customer')],
                    },
                ),
                migrations.CreateModel(
                    name='Publication',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('site', models.CharField(choices=[('bizflycloud.vn', 'the main site, bizflycloud.vn'), ('docs.bizflycloud.vn', 'the documentation, docs.bizflycloud.vn')], max_length=40, verbose_name='site')),
                        ('language', models.CharField(choices=[('vi', 'Vietnamese'), ('en', 'English')], max_length=2, verbose_name='language')),
                        ('url', models.URLField(max_length=300, verbose_name='address of the page')),
                        ('sha256', models.CharField(max_length=64, verbose_name='SHA-256 of what stood there')),
                        ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('version', models.ForeignKey(db_column='version', on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='consent.policyversion', to_field='label')),
                    ],
                    options={
                        'verbose_name': 'publication',
                        'verbose_name_plural': 'publications',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('version', 'site', 'language'), name='confirmed_once_on_each_site')],
                    },
                ),
                migrations.AddConstraint(
                    model_name='purpose',
                    constraint=models.CheckConstraint(condition=models.Q(('stopped_by_opt_out', True), ('basis', 'contract'), _connector='OR'), name='only_a_contract_outlives_an_opt_out'),
                ),
                migrations.AddIndex(
                    model_name='messagetemplate',
                    index=models.Index(fields=['code', '-id'], name='template_by_code'),
                ),
                migrations.AddIndex(
                    model_name='message',
                    index=models.Index(fields=['customer', 'channel', 'is_news', 'at'], name='message_by_customer'),
                ),
                migrations.AddIndex(
                    model_name='contactrefusal',
                    index=models.Index(fields=['at', 'why'], name='contact_refusal_by_time'),
                ),
                migrations.AddIndex(
                    model_name='consentevent',
                    index=models.Index(fields=['customer', 'purpose', '-id'], name='event_by_customer'),
                ),
            ]
        ),
        InstallTriggers(
            [
                "ConsentEvent",
                "ContactLimit",
                "ContactRefusal",
                "Message",
                "MessageOutcome",
                "MessageTemplate",
                "PolicyAcceptance",
                "PolicyVersion",
                "Publication",
                "Purpose",
            ]
        ),
    ]
