"""What the lists of companies, contacts, deals and tasks show, and by what they are filtered and ordered."""

from django.db.models import Q

from crm.enums import (
    BusinessModel,
    CustomerState,
    DealHealth,
    DealState,
    EmailStatus,
    ForecastCategory,
    InfluenceRole,
    Lifecycle,
    LossReason,
    Seniority,
    StageKind,
)
from crm.models import Company, Contact, Deal, Pipeline, Stage, TargetAccount, Task
from crm.selectors.target_lists import visible_target_lists
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals, visible_tasks
from gtmos.context.selectors.messages import products
from gtmos.kernel.actors import Actor
from gtmos.kernel.lists.fields import Choices, ListField, ListKind, register
from gtmos.kernel.people.selectors import active_users


def _stages(actor: Actor) -> Choices:
    del actor
    rows = Stage.objects.order_by("pipeline__name", "position").values_list("key", "name")
    return tuple(dict(rows).items())


def _pipelines(actor: Actor) -> Choices:
    del actor
    return tuple((name, name) for name in Pipeline.objects.values_list("name", flat=True))


def _target_lists(actor: Actor) -> Choices:
    return tuple((each.name, each.name) for each in visible_target_lists(actor=actor).order_by("name"))


def _members(name: str, actor: Actor) -> Q:
    lists = visible_target_lists(actor=actor).filter(name=name).order_by().values("pk")
    return Q(pk__in=TargetAccount.objects.filter(target_list__in=lists).values("company"))


def _person(key: str, label: str, **more: object) -> ListField:
    return ListField(key, label, "person", records=active_users, **more)  # type: ignore[arg-type]


OWNER = _person("owner", "Owner", is_edited=True)
MADE = ListField("created_at", "Added", "moment", is_ordered=True)
CHANGED = ListField("updated_at", "Changed", "moment", is_ordered=True)


def _text(key: str, label: str, **more: object) -> ListField:
    return ListField(key, label, "text", **{"is_edited": True, **more})  # type: ignore[arg-type]


def _chosen(key: str, label: str, choices: Choices, **more: object) -> ListField:
    return ListField(key, label, "choice", choices=choices, **{"is_edited": True, **more})  # type: ignore[arg-type]


def _number(key: str, label: str, **more: object) -> ListField:
    return ListField(key, label, "number", **{"is_edited": True, **more})  # type: ignore[arg-type]


def _day(key: str, label: str, **more: object) -> ListField:
    return ListField(key, label, "date", **{"is_edited": True, **more})  # type: ignore[arg-type]


COMPANY = ListKind(
    noun="company",
    model=Company,
    visible=visible_companies,
    url_name="crm:companies",
    record_url="crm:company",
    board_url="crm:company-board",
    columns=("name", "industry_vertical", "city", "funding_stage", "customer_state", "employee_size"),
    fields=(
        _text("name", "Company", is_ordered=True, order_by="lower"),
        _text("domain", "Domain"),
        _text("industry_vertical", "Industry"),
        _text("sub_industry", "Sub-industry"),
        _text("city", "Place"),
        _text("country_hq", "Country"),
        _text("region", "Region"),
        _text("funding_stage", "Funding"),
        _day("funded_on", "Funded"),
        _chosen("customer_state", "State", tuple(CustomerState.choices)),
        _number("employee_size", "People", is_whole=True),
        _number("revenue_amount", "Revenue"),
        _text("size", "Size class"),
        _text("customer_segment_label", "Segment"),
        _chosen("b2b_or_b2c", "Sells to", tuple(BusinessModel.choices)),
        ListField("tags", "Tags", "words", is_edited=True),
        ListField("technologies", "Technologies", "words", is_edited=True),
        ListField("product_fit_score", "Fit", "number"),
        _text("website_url", "Website"),
        _text("source", "Source"),
        OWNER,
        ListField("parent", "Parent", "link", records=visible_companies, is_shown=False),
        ListField(
            "target_list", "Target list", "member", choices=_target_lists, member=_members, is_shown=False
        ),
        MADE,
        CHANGED,
    ),
)
CONTACT = ListKind(
    noun="contact",
    model=Contact,
    visible=visible_contacts,
    url_name="crm:contacts",
    record_url="crm:contact",
    columns=("name", "title", "company", "email", "email_status"),
    beside=("company",),
    fields=(
        _text("name", "Person"),
        _text("title", "Title"),
        ListField("company", "Company", "link", records=visible_companies),
        _text("email", "E-mail"),
        _chosen("email_status", "Mail", tuple(EmailStatus.choices), is_edited=False),
        _text("phone", "Phone"),
        _text("department", "Department"),
        _chosen("seniority", "Seniority", tuple(Seniority.choices)),
        _chosen("influence_role", "Role in the decision", tuple(InfluenceRole.choices)),
        _chosen("lifecycle", "Lifecycle", tuple(Lifecycle.choices)),
        ListField("engagement_score", "Engagement", "number"),
        ListField("last_contact_date", "Last contact", "moment"),
        _text("city", "City"),
        _text("country", "Country"),
        _text("language", "Language"),
        ListField("is_primary", "Primary", "boolean"),
        ListField("do_not_email", "Do not e-mail", "boolean"),
        ListField("do_not_call", "Do not call", "boolean"),
        ListField("opted_out_at", "Opted out", "moment"),
        ListField("paused_until", "Paused until", "moment"),
        _text("consent_basis", "Lawful basis"),
        _text("source", "Source"),
        OWNER,
        MADE,
    ),
)
DEAL = ListKind(
    noun="deal",
    model=Deal,
    visible=visible_deals,
    url_name="crm:deals",
    record_url="crm:deal",
    board_url="crm:pipeline",
    board_key="pipeline",
    views=(("No next step", "next_step:empty,deal_state:is:open"),),
    columns=("name", "company", "stage", "deal_state", "deal_amount", "deal_expected_signing_date", "owner"),
    beside=("company",),
    fields=(
        _text("name", "Deal", is_ordered=True, order_by="lower"),
        ListField("company", "Company", "link", records=visible_companies),
        ListField("stage", "Stage", "choice", "stage__key", choices=_stages, is_edited=True),
        ListField(
            "pipeline", "Pipeline", "choice", "stage__pipeline__name", choices=_pipelines, hides=("stage",)
        ),
        ListField(
            "stage_kind",
            "Stage is",
            "choice",
            "stage__kind",
            choices=tuple(StageKind.choices),
            hides=("stage",),
            is_shown=False,
        ),
        _chosen("deal_state", "State", tuple(DealState.choices), is_edited=False),
        _number("deal_amount", "Amount", is_ordered=True),
        _text("deal_amount_currency", "Currency"),
        _day("deal_expected_signing_date", "Closes", is_ordered=True),
        _day("deal_signing_date", "Signed", is_ordered=True),
        _text("next_step", "Next step"),
        _day("next_step_due_on", "Next step due", is_ordered=True),
        _person("next_step_owner", "Next step of", is_edited=True),
        _chosen("deal_health", "Health", tuple(DealHealth.choices), is_edited=False),
        _chosen("forecast_category", "Forecast", tuple(ForecastCategory.choices)),
        ListField("stage_entered_at", "In stage since", "moment", is_ordered=True),
        _chosen("lost_reason", "Lost because", tuple(LossReason.choices), is_edited=False),
        _text("acquisition_channel_source", "Channel"),
        _text("source", "Source"),
        ListField("product", "Product", "link", records=products),
        OWNER,
        MADE,
        CHANGED,
    ),
)
TASK = ListKind(
    noun="task",
    model=Task,
    visible=visible_tasks,
    url_name="crm:tasks",
    record_url="",
    order="due_at",
    columns=("title", "due_at", "deal", "contact", "company", "owner"),
    beside=("company",),
    fields=(
        _text("title", "Task"),
        ListField("due_at", "Due", "moment", is_ordered=True, is_edited=True),
        ListField("done_at", "Done", "moment", is_ordered=True),
        ListField("company", "Company", "link", records=visible_companies),
        ListField("contact", "Contact", "link", records=visible_contacts),
        ListField("deal", "Deal", "link", records=visible_deals),
        _person("owner", "Who", is_edited=True),
        MADE,
    ),
)
for kind in (COMPANY, CONTACT, DEAL, TASK):
    register(kind)
