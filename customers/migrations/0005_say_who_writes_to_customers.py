"""Who puts consent on record and who writes to customers; customers are found by status."""

from django.db import migrations, models

from customers.evidence.triggers import InstallTriggers, PutTriggersBack


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0004_addresses_requests_holds_and_corrections'),
    ]

    operations = [
        PutTriggersBack(["Notice"]),
        migrations.AlterModelOptions(
            name='customer',
            options={'base_manager_name': 'objects', 'default_permissions': (), 'permissions': [('see_customers', 'see customers, masked'), ('verify_customers', 'verify what a caller says'), ('reveal_name', 'reveal name and company'), ('reveal_email', 'reveal e-mail'), ('reveal_phone', 'reveal phone'), ('reveal_service_access', 'reveal service access'), ('read_requests', 'read requests and letters'), ('work_on_requests', 'work on requests, corrections and suspended addresses'), ('set_service_access', 'set service access'), ('record_consent', 'put on record what customers say about being contacted'), ('write_to_customers', 'write to customers')], 'verbose_name': 'customer', 'verbose_name_plural': 'customers'},
        ),
        migrations.AlterModelOptions(
            name='team',
            options={'base_manager_name': 'objects', 'default_permissions': (), 'ordering': ['name'], 'permissions': [('see_customers', 'see customers, masked'), ('verify_customers', 'verify what a caller says'), ('reveal_name', 'reveal name and company'), ('reveal_email', 'reveal e-mail'), ('reveal_phone', 'reveal phone'), ('reveal_service_access', 'reveal service access'), ('read_requests', 'read requests and letters'), ('work_on_requests', 'work on requests, corrections and suspended addresses'), ('set_service_access', 'set service access'), ('record_consent', 'put on record what customers say about being contacted'), ('write_to_customers', 'write to customers'), ('decide_access', 'give personal grants, allow more for a day'), ('approve_corrections', 'approve corrections that somebody else proposed'), ('decide_escalated', 'decide on ended customers, on fraud, and on what is handed over')], 'verbose_name': 'team', 'verbose_name_plural': 'teams'},
        ),
        migrations.AlterField(
            model_name='notice',
            name='what',
            field=models.CharField(choices=[('check', 'confirmation of an address'), ('corrected', 'notice of a correction'), ('acknowledged', 'acknowledgement of a request'), ('extended', 'notice that a request takes longer'), ('completed', 'answer to a request'), ('refused', 'refusal of a request'), ('asked', 'question back'), ('new_address', 'question for an address in use'), ('password_reset', 'link to choose a password'), ('links', 'links to other sites'), ('opted_out', 'confirmation of an opt-out')], max_length=16, verbose_name='what'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['status'], name='customer_by_status'),
        ),
        InstallTriggers(["Notice"]),
    ]
