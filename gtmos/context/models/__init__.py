from gtmos.context.models.assumption import Assumption, Evidence
from gtmos.context.models.organisation import Organisation
from gtmos.context.models.product import Claim, MessageTree, Product

__all__ = ["Assumption", "Claim", "Evidence", "MessageTree", "Organisation", "Product"]
