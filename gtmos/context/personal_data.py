"""What the organisation's own texts may say of people."""

from gtmos.context.models import Assumption, Organisation, Product
from gtmos.context.models.assumption import Evidence
from gtmos.context.models.product import Claim, MessageTree
from gtmos.kernel.privacy.holdings import Holding, impersonal, register

register(Holding(Evidence, "Evidence", keeps=frozenset({"source_type"})))
register(Holding(Claim, "Claims", keeps=frozenset({"kind"})))
impersonal("The organisation's own words.", Assumption, Organisation, Product, MessageTree)
