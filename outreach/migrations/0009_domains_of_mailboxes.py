from django.db import migrations


def name_domains(apps, schema_editor):
    """Each mailbox gets the domain that it writes from."""
    mailboxes = apps.get_model("outreach", "Mailbox").objects.filter(domain__isnull=True)
    domains = apps.get_model("outreach", "SendingDomain").objects
    for mailbox in mailboxes.order_by("address"):
        host = mailbox.address.rpartition("@")[2]
        try:
            name = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            name = host
        mailbox.domain = domains.get_or_create(name=name)[0]
        mailbox.save(update_fields=["domain"])


class Migration(migrations.Migration):
    dependencies = [("outreach", "0008_sending_domains")]

    operations = [migrations.RunPython(name_domains, migrations.RunPython.noop)]
