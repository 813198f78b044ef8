from targets.models.milestone import Citation, Milestone
from targets.models.plan import Document, Plan, Revision, Section, Step, Target
from targets.models.publication import Publication, PublicationDocument, PublishedRecord
from targets.models.rule import Rule, RuleCluster, RuleScheme

__all__ = [
    "Citation",
    "Document",
    "Milestone",
    "Plan",
    "Publication",
    "PublicationDocument",
    "PublishedRecord",
    "Revision",
    "Rule",
    "RuleCluster",
    "RuleScheme",
    "Section",
    "Step",
    "Target",
]
