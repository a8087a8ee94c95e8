"""Tables, constraints and querysets. No request, no rendering."""

from annotations.models.accounts import User
from annotations.models.codebook import CodebookState, Source, Stance, Topic
from annotations.models.coding import Annotation, Completion
from annotations.models.curation import CodebookAct, DecidedTag, Decision
from annotations.models.documents import Document, Passage
from annotations.models.publishing import FrozenReading
from annotations.models.studies import Membership, Study, StudyRevision
from annotations.models.workbench import Assignment, CodingAct, Comment, PassageVisit

__all__ = [
    "Annotation",
    "Assignment",
    "CodebookAct",
    "CodebookState",
    "CodingAct",
    "Comment",
    "Completion",
    "DecidedTag",
    "Decision",
    "Document",
    "FrozenReading",
    "Membership",
    "Passage",
    "PassageVisit",
    "Source",
    "Stance",
    "Study",
    "StudyRevision",
    "Topic",
    "User",
]
