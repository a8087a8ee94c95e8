"""Tables, constraints and querysets. No request, no rendering."""

from annotations.models.accounts import User
from annotations.models.codebook import Source, Stance, Topic
from annotations.models.coding import Annotation, Completion
from annotations.models.documents import Document, Passage
from annotations.models.studies import Membership, Study

__all__ = [
    "Annotation",
    "Completion",
    "Document",
    "Membership",
    "Passage",
    "Source",
    "Stance",
    "Study",
    "Topic",
    "User",
]
