"""Talk: a remark on a passage or on one of its tags, taken back and brought back by its author.

A finished document is talked about like any other: finishing locks tags, not people.
"""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.errors import InvalidCommentError, NotAllowedError
from annotations.models import Annotation, Comment, Passage, User
from annotations.permissions import may_code, role_in
from annotations.services.revision import changes_study
from annotations.services.turns import hold
from annotations.study_folder.text import normal

COMMENT_CHARACTERS = 10_000


@changes_study
def write_comment(
    *,
    by: User,
    passage: Passage,
    text: str,
    annotation: Annotation | None = None,
    form_token: uuid.UUID | None = None,
) -> tuple[Comment, bool]:
    """Add a remark on a passage, or on a tag in it; returns it and whether it is new.

    The text is stored in NFC with LF line ends, without white space around it. A form that is sent twice
    makes one comment; sent again with other words it makes another, so that none are lost. Raises
    ``InvalidCommentError``, and ``NotAllowedError`` for who may not code or not see the tag.
    """
    hold(by)
    _check_may_talk(by, passage, annotation)
    said = _checked(text)
    if form_token is not None:
        stored = Comment.objects.filter(author=by, form_token=form_token).first()
        if stored is not None:
            if (stored.passage_id, stored.annotation_id, stored.text) == (
                passage.pk,
                annotation.pk if annotation else None,
                said,
            ):
                return stored, False
            form_token = None
    comment = Comment.objects.create(
        document_id=passage.document_id,
        passage=passage,
        annotation=annotation,
        author=by,
        text=said,
        form_token=form_token,
    )
    return comment, True


@changes_study
def withdraw_comment(*, by: User, comment: Comment) -> Comment:
    """Take a remark of one's own back: nobody else sees it any more. ``restore_comment`` brings it back."""
    return _set_withdrawn(by, comment, withdrawn=True)


@changes_study
def restore_comment(*, by: User, comment: Comment) -> Comment:
    """Bring back a remark that was taken back."""
    return _set_withdrawn(by, comment, withdrawn=False)


def _set_withdrawn(by: User, comment: Comment, *, withdrawn: bool) -> Comment:
    hold(by)
    current = Comment.objects.select_related("document__study").defer("document__text").get(pk=comment.pk)
    if current.author_id != by.pk or not may_code(role_in(by, current.document.study)):
        raise NotAllowedError(_("Only its author takes a comment back."))
    if (current.withdrawn_at is not None) != withdrawn:
        current.withdrawn_at = timezone.now() if withdrawn else None
        current.save(update_fields=["withdrawn_at"])
    return current


def _check_may_talk(by: User, passage: Passage, annotation: Annotation | None) -> None:
    study = passage.document.study
    role = role_in(by, study)
    if not may_code(role):
        raise NotAllowedError(_("Your role in this study does not allow comments."))
    if annotation is None:
        return
    seen = Annotation.objects.visible_to(by, study, role).filter(pk=annotation.pk, passage=passage)
    if not seen.exists():
        raise NotAllowedError(_("You may comment on a tag of this passage that you can see."))


def _checked(text: str) -> str:
    said = normal(text).strip()
    if not said:
        raise InvalidCommentError(_("Write something first."))
    if "\0" in said:
        raise InvalidCommentError(_("The comment holds a character that is no text. Write it anew."))
    if len(said) > COMMENT_CHARACTERS:
        raise InvalidCommentError(
            _("A comment may have at most %(limit)s characters. This one has %(length)s.")
            % {"limit": f"{COMMENT_CHARACTERS:,}", "length": f"{len(said):,}"}
        )
    return said
