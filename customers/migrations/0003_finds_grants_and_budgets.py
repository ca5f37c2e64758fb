"""Finds, verifications, personal grants and budgets; each kind of datum is revealed under a right of its own."""

from typing import Any

import customers.vault.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from customers.evidence.new_tables import CreateTables
from customers.evidence.triggers import InstallTriggers


def drop_the_old_right(apps: Any, schema_editor: Any) -> None:
    """``reveal_contact`` became a right for each kind; ``sync_roles`` writes those, and nobody holds the old one."""
    rights = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    rights.filter(content_type__app_label="customers", codename="reveal_contact").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('customers', '0002_freeze_rows_and_be_born'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='customer',
            options={'base_manager_name': 'objects', 'default_permissions': (), 'permissions': [('see_customers', 'see customers, masked'), ('verify_customers', 'verify what a caller says'), ('reveal_name', 'reveal name and company'), ('reveal_email', 'reveal e-mail'), ('reveal_phone', 'reveal phone'), ('reveal_service_access', 'reveal service access')], 'verbose_name': 'customer', 'verbose_name_plural': 'customers'},
        ),
        migrations.AlterModelOptions(
            name='team',
            options={'base_manager_name': 'objects', 'default_permissions': (), 'ordering': ['name'], 'permissions': [('see_customers', 'see customers, masked'), ('verify_customers', 'verify what a caller says'), ('reveal_name', 'reveal name and company'), ('reveal_email', 'reveal e-mail'), ('reveal_phone', 'reveal phone'), ('reveal_service_access', 'reveal service access'), ('decide_access', 'give personal grants, allow more for a day')], 'verbose_name': 'team', 'verbose_name_plural': 'teams'},
        ),
        migrations.AlterModelOptions(
            name='teamgrouppermission',
            options={'base_manager_name': 'objects', 'default_permissions': ()},
        ),
        migrations.AlterModelOptions(
            name='teamuserpermission',
            options={'base_manager_name': 'objects', 'default_permissions': ()},
        ),
        migrations.AddField(
            model_name='refusal',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='about whom'),
        ),
        migrations.AlterField(
            model_name='accesschange',
            name='what',
            field=models.CharField(choices=[('role_written', 'role written'), ('team_made', 'team made'), ('person_added', 'person added'), ('role_given', 'role given'), ('role_ended', 'role ended'), ('person_ended', 'access ended'), ('person_back', 'access given back'), ('link_sent', 'sign-in link made out'), ('password_set', 'password set')], max_length=20, verbose_name='what'),
        ),
        migrations.AddIndex(
            model_name='refusal',
            index=models.Index(fields=['why', 'at'], name='refusal_by_why'),
        ),
        migrations.AddIndex(
            model_name='refusal',
            index=models.Index(fields=['by', '-id'], name='refusal_by_person'),
        ),
        migrations.AddIndex(
            model_name='reveal',
            index=models.Index(fields=['by', 'at'], name='reveal_by_person'),
        ),
        migrations.AddIndex(
            model_name='reveal',
            index=models.Index(fields=['ticket'], name='reveal_by_ticket'),
        ),
        CreateTables(
            [
                migrations.CreateModel(
                    name='AccessGrant',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('seal_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='seal id')),
                        ('how', models.CharField(choices=[('personal', 'personal grant'), ('break_glass', 'break glass')], max_length=16, verbose_name='how')),
                        ('rights', models.JSONField(verbose_name='rights')),
                        ('starts_at', models.DateTimeField(verbose_name='starts')),
                        ('ends_at', models.DateTimeField(verbose_name='ends')),
                        ('reason', models.CharField(max_length=20, verbose_name='reason')),
                        ('ticket', models.CharField(blank=True, default='', max_length=40, verbose_name='ticket')),
                        ('reason_text', customers.vault.fields.SealedField(kind='reason', null=True, verbose_name='reason in words')),
                    ],
                    options={
                        'verbose_name': 'grant',
                        'verbose_name_plural': 'grants',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='AccessGrantEnd',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                    ],
                    options={
                        'verbose_name': 'end of a grant',
                        'verbose_name_plural': 'ends of grants',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='BudgetAllowance',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('budget', models.CharField(choices=[('find', 'find'), ('verify', 'verify'), ('reveal', 'reveal'), ('break_glass', 'break glass')], max_length=16, verbose_name='act')),
                        ('day', models.DateField(verbose_name='day')),
                        ('more', models.PositiveSmallIntegerField(verbose_name='more')),
                    ],
                    options={
                        'verbose_name': 'allowance beyond a budget',
                        'verbose_name_plural': 'allowances beyond a budget',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='CustomerGroupPermission',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ],
                    options={
                        'abstract': False,
                        'default_permissions': (),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='CustomerUserPermission',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('starts_at', models.DateTimeField(verbose_name='starts')),
                        ('ends_at', models.DateTimeField(verbose_name='ends')),
                    ],
                    options={
                        'abstract': False,
                        'default_permissions': (),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Find',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('sought', models.JSONField(verbose_name='sought by')),
                        ('own', models.JSONField(verbose_name='found and visible')),
                        ('elsewhere', models.JSONField(verbose_name='found elsewhere')),
                        ('more', models.BooleanField(default=False, verbose_name='more than are listed')),
                    ],
                    options={
                        'verbose_name': 'find',
                        'verbose_name_plural': 'finds',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='Verification',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('matched', models.JSONField(verbose_name='match')),
                        ('missed', models.JSONField(verbose_name='no match')),
                        ('points', models.JSONField(verbose_name='addresses that matched')),
                        ('misses', models.PositiveSmallIntegerField(verbose_name='misses')),
                    ],
                    options={
                        'verbose_name': 'verification',
                        'verbose_name_plural': 'verifications',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='VerificationClosure',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                        ('until', models.DateTimeField(verbose_name='until')),
                    ],
                    options={
                        'verbose_name': 'closure of verification',
                        'verbose_name_plural': 'closures of verification',
                        'abstract': False,
                        'default_permissions': ('view',),
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.AddField(
                    model_name='accessgrant',
                    name='by',
                    field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
                ),
                migrations.AddField(
                    model_name='accessgrant',
                    name='customer',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_grants', to='customers.customer', verbose_name='customer'),
                ),
                migrations.AddField(
                    model_name='accessgrant',
                    name='person',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_grants', to=settings.AUTH_USER_MODEL, verbose_name='person'),
                ),
                migrations.AddField(
                    model_name='accessgrantend',
                    name='by',
                    field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
                ),
                migrations.AddField(
                    model_name='accessgrantend',
                    name='customer',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_grant_ends', to='customers.customer'),
                ),
                migrations.AddField(
                    model_name='accessgrantend',
                    name='grant',
                    field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='end', to='customers.accessgrant'),
                ),
                migrations.AddField(
                    model_name='accessgrantend',
                    name='person',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_grant_ends', to=settings.AUTH_USER_MODEL),
                ),
                migrations.AddField(
                    model_name='budgetallowance',
                    name='by',
                    field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
                ),
                migrations.AddField(
                    model_name='budgetallowance',
                    name='person',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='budget_allowances', to=settings.AUTH_USER_MODEL, verbose_name='person'),
                ),
                migrations.AddField(
                    model_name='customergrouppermission',
                    name='content_object',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.customer'),
                ),
                migrations.AddField(
                    model_name='customergrouppermission',
                    name='group',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group'),
                ),
                migrations.AddField(
                    model_name='customergrouppermission',
                    name='permission',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission'),
                ),
                migrations.AddField(
                    model_name='customeruserpermission',
                    name='content_object',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='personal_rights', to='customers.customer'),
                ),
                migrations.AddField(
                    model_name='customeruserpermission',
                    name='grant',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='given', to='customers.accessgrant'),
                ),
                migrations.AddField(
                    model_name='customeruserpermission',
                    name='permission',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission'),
                ),
                migrations.AddField(
                    model_name='customeruserpermission',
                    name='user',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
                ),
                migrations.AddField(
                    model_name='find',
                    name='by',
                    field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
                ),
                migrations.AddField(
                    model_name='verification',
                    name='by',
                    field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
                ),
                migrations.AddField(
                    model_name='verification',
                    name='customer',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='customers.customer'),
                ),
                migrations.AddField(
                    model_name='verificationclosure',
                    name='by',
                    field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
                ),
                migrations.AddField(
                    model_name='verificationclosure',
                    name='customer',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verification_closures', to='customers.customer'),
                ),
                migrations.AddIndex(
                    model_name='accessgrant',
                    index=models.Index(fields=['by', 'at'], name='grant_by_person'),
                ),
                migrations.AddIndex(
                    model_name='accessgrant',
                    index=models.Index(fields=['ticket'], name='grant_by_ticket'),
                ),
                migrations.AddIndex(
                    model_name='accessgrant',
                    index=models.Index(fields=['how', '-id'], name='grant_by_how'),
                ),
                migrations.AddConstraint(
                    model_name='budgetallowance',
                    constraint=models.UniqueConstraint(fields=('person', 'budget', 'day'), name='one_allowance_a_day'),
                ),
                migrations.AlterUniqueTogether(
                    name='customergrouppermission',
                    unique_together={('group', 'permission', 'content_object')},
                ),
                migrations.AddIndex(
                    model_name='customeruserpermission',
                    index=models.Index(fields=['user', 'ends_at'], name='personal_right_by_person'),
                ),
                migrations.AddConstraint(
                    model_name='customeruserpermission',
                    constraint=models.UniqueConstraint(fields=('grant', 'permission'), name='one_right_per_grant'),
                ),
                migrations.AddIndex(
                    model_name='find',
                    index=models.Index(fields=['by', 'at'], name='find_by_person'),
                ),
                migrations.AddIndex(
                    model_name='verification',
                    index=models.Index(fields=['by', 'at'], name='verification_by_person'),
                ),
                migrations.AddIndex(
                    model_name='verification',
                    index=models.Index(fields=['customer', 'at'], name='verification_by_customer'),
                ),
                migrations.AddIndex(
                    model_name='verificationclosure',
                    index=models.Index(fields=['customer', 'until'], name='closure_by_customer'),
                ),
            ]
        ),
        migrations.RunPython(drop_the_old_right, migrations.RunPython.noop, elidable=True),
        InstallTriggers(
            [
                "AccessChange",
                "AccessGrant",
                "AccessGrantEnd",
                "BudgetAllowance",
                "Find",
                "Refusal",
                "Reveal",
                "Verification",
                "VerificationClosure",
            ]
        ),
    ]
