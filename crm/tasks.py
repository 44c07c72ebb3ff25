"""Bells of the customer record."""

from celery import shared_task

from crm.services import bulk_edits, document_words, duplicates, import_rehearsing, import_turns, importing


@shared_task(name="crm.run_import")
def run_import(batch_id: str) -> None:
    importing.run_import(batch_id)


@shared_task(name="crm.rehearse_imports")
def rehearse_imports(batch_id: str) -> None:
    import_rehearsing.rehearse_imports(batch_id)


@shared_task(name="crm.tidy_indexes")
def tidy_indexes() -> None:
    import_turns.tidy_indexes()


@shared_task(name="crm.read_documents")
def read_documents() -> int:
    return document_words.read_documents()


@shared_task(name="crm.find_duplicates")
def find_duplicates() -> int:
    return duplicates.find_duplicates()


@shared_task(name="crm.work_on_bulk_edit")
def work_on_bulk_edit(edit_id: str) -> int:
    return bulk_edits.work_on(edit_id)
