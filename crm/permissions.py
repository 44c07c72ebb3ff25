"""Who may do what to the customer record."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import rule
from gtmos.kernel.records import OwnedRecord, may_see
from gtmos.kernel.rights import configures, edits

for name in (
    "crm.create_company",
    "crm.edit_company",
    "crm.create_contact",
    "crm.edit_contact",
    "crm.create_deal",
    "crm.edit_deal",
    "crm.delete_deal",
    "crm.log_activity",
    "crm.record_objection",
    "crm.edit_objection",
    "crm.delete_activity",
    "crm.create_task",
    "crm.edit_task",
    "crm.record_signals",
    "crm.store_usage",
    "crm.import_records",
):
    rule(name)(edits)

rule("crm.configure_pipelines")(configures)
rule("crm.configure_currencies")(configures)


@rule("crm.undo_import")
def may_undo_import(actor: Actor, subject: object) -> bool:
    """Whoever imported it, and RevOps."""
    if actor.user is None or not isinstance(subject, OwnedRecord):
        return False
    return actor.user.may_configure or (actor.user.may_edit and may_see(actor, subject))
