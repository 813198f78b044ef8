from registry.models.decision import MatchDecision
from registry.models.designation import Designation, Review
from registry.models.duplicate import NotDuplicate
from registry.models.enterprise import Enterprise, FormerName, Membership, Relocation
from registry.models.epoch import FeedEpoch
from registry.models.figures import AnnualFigures
from registry.models.idempotency import IdempotentRequest
from registry.models.merge import Merge
from registry.models.named_list import NamedList
from registry.models.reference import Cluster, District, Industry, Scheme, SchemeLevel
from registry.models.roster import Roster, RosterRow
from registry.models.search import NameInitials
from registry.models.split import Split
from registry.models.state import PartChange
from registry.models.statistics import Series, Statistic
from registry.models.token import ApiToken, TokenUse
from registry.models.upload import RememberedColumns, RosterUpload, RosterUploadRow
from registry.models.user import User
from registry.models.webhook import Webhook, WebhookDelivery, WebhookProgress

__all__ = [
    "AnnualFigures",
    "ApiToken",
    "Cluster",
    "Designation",
    "District",
    "Enterprise",
    "FeedEpoch",
    "FormerName",
    "IdempotentRequest",
    "Industry",
    "MatchDecision",
    "Membership",
    "Merge",
    "NameInitials",
    "NamedList",
    "NotDuplicate",
    "PartChange",
    "Relocation",
    "RememberedColumns",
    "Review",
    "Roster",
    "RosterRow",
    "RosterUpload",
    "RosterUploadRow",
    "Scheme",
    "SchemeLevel",
    "Series",
    "Split",
    "Statistic",
    "TokenUse",
    "User",
    "Webhook",
    "WebhookDelivery",
    "WebhookProgress",
]
