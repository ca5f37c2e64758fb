"""Documents are a kind of datum."""

from django.db import migrations, models

from customers.evidence.triggers import InstallTriggers, PutTriggersBack


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0001_purposes_policies_and_what_customers_said'),
    ]

    operations = [
        PutTriggersBack(["Message"]),
        migrations.AlterField(
            model_name='message',
            name='datum',
            field=models.CharField(choices=[('name', 'name'), ('company', 'company'), ('email', 'e-mail'), ('phone', 'phone'), ('service_access', 'service access'), ('password', 'password'), ('reason', 'reason'), ('request', 'words about a request'), ('letter', 'text of a letter'), ('code', 'code'), ('document', 'document')], max_length=20, verbose_name='kind of datum'),
        ),
        InstallTriggers(["Message"]),
    ]
