"""How the people at the desk come in and go is evidence."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from customers.evidence.triggers import InstallTriggers, PutTriggersBack


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0006_keep_documents_and_answer_authorities'),
    ]

    operations = [
        PutTriggersBack(["AccessChange"]),
        migrations.AlterField(
            model_name='accesschange',
            name='what',
            field=models.CharField(choices=[('role_written', 'role written'), ('team_made', 'team made'), ('person_added', 'person added'), ('role_given', 'role given'), ('role_ended', 'role ended'), ('person_ended', 'access ended'), ('person_back', 'access given back'), ('link_sent', 'sign-in link made out'), ('password_set', 'password set'), ('reset_started', 'reset of the sign-in started'), ('sessions_ended', 'sessions ended')], max_length=20, verbose_name='what'),
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='at')),
                ('what', models.CharField(choices=[('signed_in', 'signed in'), ('confirmed', 'second factor given again'), ('signed_out', 'signed out'), ('password_wrong', 'wrong username or password'), ('factor_wrong', 'wrong second factor'), ('turned_away', 'turned away after too many tries'), ('factor_added', 'second factor added'), ('factor_removed', 'second factor removed'), ('codes_made', 'recovery codes made')], max_length=16, verbose_name='what')),
                ('factor', models.CharField(blank=True, choices=[('totp', 'code from an authenticator app'), ('webauthn', 'security key'), ('recovery_codes', 'recovery code')], default='', max_length=16, verbose_name='second factor')),
                ('origin', models.CharField(blank=True, default='', max_length=16, verbose_name='network address, as a digest')),
                ('browser', models.CharField(blank=True, default='', max_length=16, verbose_name='known browser, as a digest')),
                ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_ins', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'sign-in',
                'verbose_name_plural': 'sign-ins',
                'abstract': False,
                'default_permissions': ('view',),
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['person', 'at'], name='sign_in_by_person'), models.Index(fields=['origin', 'at'], name='sign_in_by_origin'), models.Index(fields=['browser', 'at'], name='sign_in_by_browser')],
            },
        ),
        InstallTriggers(["AccessChange", "SignIn"]),
    ]
