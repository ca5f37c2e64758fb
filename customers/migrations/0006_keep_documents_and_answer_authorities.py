"""Documents are a kind of datum; authorities have deadlines of their own; customers are told of disclosures."""

from django.db import migrations, models

from customers.evidence.triggers import InstallTriggers, PutTriggersBack


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0005_say_who_writes_to_customers'),
    ]

    operations = [
        PutTriggersBack(["LegalDeadline", "Notice", "Reveal"]),
        migrations.AlterField(
            model_name='legaldeadline',
            name='right',
            field=models.CharField(choices=[('acknowledge', 'acknowledgement of a request'), ('correction', 'correction'), ('opt_out', 'withdrawal of consent'), ('access', 'access to one’s data'), ('deletion', 'deletion'), ('restriction', 'restriction'), ('objection', 'objection'), ('question', 'answer to a question'), ('feedback', 'answer to feedback'), ('hold_review', 'review of a suspended address'), ('authority', 'answer to an authority'), ('emergency', 'answer to an authority in an emergency'), ('emergency_review', 'review of what one person released'), ('disclosure', 'answer to anybody else outside')], max_length=16, verbose_name='right'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='datum',
            field=models.CharField(choices=[('name', 'name'), ('company', 'company'), ('email', 'e-mail'), ('phone', 'phone'), ('service_access', 'service access'), ('password', 'password'), ('reason', 'reason'), ('request', 'words about a request'), ('letter', 'text of a letter'), ('code', 'code'), ('document', 'document')], max_length=20, verbose_name='kind of datum'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='what',
            field=models.CharField(choices=[('check', 'confirmation of an address'), ('corrected', 'notice of a correction'), ('acknowledged', 'acknowledgement of a request'), ('extended', 'notice that a request takes longer'), ('completed', 'answer to a request'), ('refused', 'refusal of a request'), ('asked', 'question back'), ('new_address', 'question for an address in use'), ('password_reset', 'link to choose a password'), ('links', 'links to other sites'), ('opted_out', 'confirmation of an opt-out'), ('disclosed', 'notice of a disclosure')], max_length=16, verbose_name='what'),
        ),
        migrations.AlterField(
            model_name='reveal',
            name='datum',
            field=models.CharField(choices=[('name', 'name'), ('company', 'company'), ('email', 'e-mail'), ('phone', 'phone'), ('service_access', 'service access'), ('password', 'password'), ('reason', 'reason'), ('request', 'words about a request'), ('letter', 'text of a letter'), ('code', 'code'), ('document', 'document')], max_length=20, verbose_name='kind of datum'),
        ),
        InstallTriggers(["LegalDeadline", "Notice", "Reveal"]),
    ]
