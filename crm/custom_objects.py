"""Companies, contacts and deals take custom fields, rules and relations; what the kernel may ask of them."""

from crm.models import Company, Contact, Deal
from crm.selectors.deals import stage_names
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from crm.services import companies, contacts, deals
from crm.services.identity import fill_company_keys, fill_contact_keys, fill_deal_text
from gtmos.kernel.fields.objects import CustomObject, register

_NOT_RULED = {"custom", "owner", "team"}


def _stages(deal: Deal) -> tuple[str, ...]:
    """Whoever asks for many deals has read the stages along."""
    return tuple(each.key for each in deal.stage.pipeline.stages.all())


register(
    CustomObject(
        noun="company",
        model=Company,
        visible=visible_companies,
        edit_right="crm.edit_company",
        derive=fill_company_keys,
        url_name="crm:company",
        columns=("customer_state", *sorted(companies.EDITABLE - _NOT_RULED)),
    )
)
register(
    CustomObject(
        noun="contact",
        model=Contact,
        visible=visible_contacts,
        edit_right="crm.edit_contact",
        derive=fill_contact_keys,
        url_name="crm:contact",
        columns=tuple(sorted(contacts.EDITABLE - _NOT_RULED)),
    )
)
register(
    CustomObject(
        noun="deal",
        model=Deal,
        visible=visible_deals,
        edit_right="crm.edit_deal",
        derive=fill_deal_text,
        url_name="crm:deal",
        columns=("stage", "deal_state", *sorted(deals.EDITABLE - _NOT_RULED)),
        own_keys=frozenset({"lost_reason", "won_reason"}),
        ranks={"stage": _stages},
        plain={"stage": lambda deal: deal.stage.key},
        named={"stage": stage_names},
    )
)
