"""What the customer record does again and again."""

from crm.services import import_rehearsing, import_turns
from crm.services.bulk_edits import resume_bulk_edits
from crm.services.deal_health import judge_deals
from crm.services.forecasting import keep_forecast
from crm.services.reminding import remind_of_meetings, remind_of_tasks
from crm.services.stray_files import remove_stray_files
from crm.services.watching import watch_accounts
from gtmos.kernel import jobs
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.schedule import every


@every(15, "crm.resume_imports")
def resume_imports() -> None:
    import_turns.resume_imports()
    import_rehearsing.resume_rehearsals()


@every(15, "crm.resume_bulk_edits")
def resume_edits() -> None:
    resume_bulk_edits()


@every(60, "crm.find_duplicates", says="Look for companies and people that are there twice.")
def find_duplicates() -> None:
    jobs.enqueue("crm.find_duplicates")


@every(30, "crm.read_documents")
def read_documents() -> None:
    jobs.enqueue("crm.read_documents")


@every(900, "crm.judge_deals", says="Judge the health of open deals anew.")
def judge() -> None:
    judge_deals(actor=SYSTEM)


@every(3600, "crm.keep_forecast", says="Keep the forecast of the week, once a week.")
def keep() -> None:
    """Asked each hour, done once a week."""
    keep_forecast(actor=SYSTEM)


@every(900, "crm.watch_accounts", says="Tell owners what is worth knowing about their accounts.")
def watch() -> None:
    watch_accounts()


@every(86_400, "crm.remove_stray_files")
def remove_strays() -> None:
    """What an upload that was killed has left."""
    remove_stray_files()


@every(30, "crm.remind_of_meetings", says="Remind people a day and a quarter of an hour before they meet.")
def remind_before_meetings() -> None:
    remind_of_meetings()


@every(60, "crm.remind_of_tasks", says="Remind owners of tasks that are due.")
def remind() -> None:
    remind_of_tasks()
