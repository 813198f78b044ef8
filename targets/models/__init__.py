from targets.models.plan import Citation, Document, Milestone, Plan, Revision, Section, Step, Target
from targets.models.rule import Rule, RuleCluster, RuleScheme

__all__ = [
    "Citation",
    "Document",
    "Milestone",
    "Plan",
    "Revision",
    "Rule",
    "RuleCluster",
    "RuleScheme",
    "Section",
    "Step",
    "Target",
]
