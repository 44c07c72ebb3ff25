"""Who may do what to the customer record."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import rule
from gtmos.kernel.records import OwnedRecord, may_see
from gtmos.kernel.rights import configures, edits, may

for name, action, subject in (
    ("crm.create_company", "create", "company"),
    ("crm.edit_company", "edit", "company"),
    ("crm.edit_account_team", "edit", "company"),
    ("crm.create_contact", "create", "contact"),
    ("crm.edit_contact", "edit", "contact"),
    ("crm.create_deal", "create", "deal"),
    ("crm.edit_deal", "edit", "deal"),
    ("crm.delete_deal", "delete", "deal"),
    ("crm.log_activity", "create", "activity"),
    ("crm.edit_activity", "edit", "activity"),
    ("crm.post_message", "create", "colleaguemessage"),
    ("crm.create_meeting", "create", "meeting"),
    ("crm.edit_meeting", "edit", "meeting"),
    ("crm.record_objection", "create", "objection"),
    ("crm.edit_objection", "edit", "objection"),
    ("crm.delete_activity", "delete", "activity"),
    ("crm.create_task", "create", "task"),
    ("crm.edit_task", "edit", "task"),
    ("crm.record_signals", "create", "signal"),
    ("crm.store_usage", "create", "usageevent"),
    ("crm.view_target_list", "view", "company"),
    ("crm.create_target_list", "create", "targetlist"),
    ("crm.edit_target_list", "edit", "targetlist"),
    ("crm.import_records", "create", "importbatch"),
):
    rule(name)(may(action, subject))

_MAY_EXPORT = {
    subject: may("export", subject) for subject in ("company", "contact", "deal", "activity", "task")
}


@rule("crm.export_records")
def may_export(actor: Actor, subject: object) -> bool:
    """A list of one kind of record, named by it; every file is also only of what they may see."""
    return subject in _MAY_EXPORT and _MAY_EXPORT[str(subject)](actor, None)


rule("crm.read_texts")(edits)
rule("crm.merge_records")(edits)
rule("crm.decide_alerts")(may("edit", "company"))
rule("crm.configure_alerts")(configures)
rule("crm.configure_pipelines")(configures)
rule("crm.erase_person")(configures)
rule("crm.configure_currencies")(configures)
rule("crm.configure_routing")(configures)
rule("crm.keep_forecast")(configures)
rule("crm.judge_deals")(configures)


@rule("crm.delete_message")
def may_delete_message(actor: Actor, subject: object) -> bool:
    """Whoever wrote it."""
    return actor.user is not None and getattr(subject, "author_id", None) == actor.user.pk


@rule("crm.undo_import")
def may_undo_import(actor: Actor, subject: object) -> bool:
    """Whoever imported it, and RevOps."""
    if actor.user is None or not isinstance(subject, OwnedRecord):
        return False
    return actor.user.may_configure or (actor.user.may_edit and may_see(actor, subject))


@rule("crm.export_person")
def may_export_person(actor: Actor, subject: object) -> bool:
    """Whoever configures and is shown every field: the file holds all of them."""
    del subject
    user = actor.user
    return user is not None and user.may_configure and (user.is_superuser or not user.standing.fields)


@rule("crm.decide_proposals")
def may_decide_proposals(actor: Actor, subject: object) -> bool:
    """A person: nothing that a text says is done by an agent or by the system alone."""
    return actor.kind == "user" and edits(actor, subject)
