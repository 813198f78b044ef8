from targets.models.milestone import Citation, Milestone
from targets.models.plan import Document, Plan, Revision, Section, Step, Target
from targets.models.publication import Publication, PublicationDocument, PublishedRecord
from targets.models.quota import Quota
from targets.models.rule import Rule, RuleCluster, RuleScheme

__all__ = [
    "Citation",
    "Document",
    "Milestone",
    "Plan",
    "Publication",
    "PublicationDocument",
    "PublishedRecord",
    "Quota",
    "Revision",
    "Rule",
    "RuleCluster",
    "RuleScheme",
    "Section",
    "Step",
    "Target",
]
