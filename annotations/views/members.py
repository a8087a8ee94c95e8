"""The members of a study, their roles, and who is to code which document. For owners."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotations.access import SummitRequest, Visit, get_member_or_404, get_visit_or_404
from annotations.enums import Role
from annotations.errors import MemberError, NotAllowedError
from annotations.models.studies import ROLE_CHOICES
from annotations.pages.members import load_cell, load_members
from annotations.services.members import (
    add_member,
    assign_document,
    change_role,
    remove_member,
    unassign_document,
)
from annotations.study_forms import AssignmentForm, NewMemberForm, RoleForm
from annotations.views.answers import Toast

PAGE = "annotations/member_list.html"
CELL = "annotations/partials/_assignment_said.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def member_list(request: SummitRequest, study: str) -> HttpResponse:
    """The members and what is assigned to them; a POST makes somebody a member."""
    visit = get_visit_or_404(request, study, at_least=Role.OWNER)
    if request.method != "POST":
        return _page(request, visit, NewMemberForm())
    form = NewMemberForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, form, status=422)
    person, role = form.cleaned_data["username"], form.cleaned_data["role"]
    try:
        member = add_member(by=visit.member, study=visit.study, person=person, role=role)
    except MemberError as refusal:
        form.add_error("username", str(refusal))
        return _page(request, visit, form, status=422)
    except NotAllowedError as refusal:
        raise PermissionDenied from refusal
    said = {"person": person.get_username(), "role": member.get_role_display()}
    messages.success(request, _("%(person)s is a member now: %(role)s.") % said)
    return redirect("member-list", study=study)


@require_POST
def member_role(request: SummitRequest, study: str, member: int) -> HttpResponse:
    """Give a member another role."""
    visit = get_visit_or_404(request, study, at_least=Role.OWNER)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise BadRequest("role: no such role.")
    try:
        changed = change_role(
            by=visit.member, membership=get_member_or_404(visit, member), role=form.cleaned_data["role"]
        )
    except MemberError as refusal:
        return _page(request, visit, NewMemberForm(), refusal=refusal, status=422)
    except NotAllowedError as refusal:
        raise PermissionDenied from refusal
    said = {"person": changed.user.get_username(), "role": changed.get_role_display()}
    messages.success(request, _("%(person)s: %(role)s.") % said)
    return _back(visit, still_owner=changed.user_id != visit.member.pk or changed.role == Role.OWNER.value)


@require_POST
def member_remove(request: SummitRequest, study: str, member: int) -> HttpResponse:
    """Take a person out of the study; their work stays. Asked twice, it is done once."""
    visit = get_visit_or_404(request, study, at_least=Role.OWNER)
    membership = visit.study.memberships.select_related("user").filter(pk=member).first()
    if membership is None:
        return redirect("member-list", study=study)
    try:
        remove_member(by=visit.member, membership=membership)
    except MemberError as refusal:
        return _page(request, visit, NewMemberForm(), refusal=refusal, status=422)
    except NotAllowedError as refusal:
        raise PermissionDenied from refusal
    said = {"person": membership.user.get_username()}
    messages.success(request, _("%(person)s is no longer a member. Their work stays.") % said)
    return _back(visit, still_owner=membership.user_id != visit.member.pk)


@require_POST
def member_assign(request: SummitRequest, study: str) -> HttpResponse:
    """Say whether a member is to code a document (``value=on`` or ``off``)."""
    visit = get_visit_or_404(request, study, at_least=Role.OWNER)
    form = AssignmentForm(request.POST, visit.study)
    if not form.is_valid():
        return _page(request, visit, NewMemberForm(), refusal=_first(form), status=422)
    document, member = form.cleaned_data["document"], form.cleaned_data["member"]
    said = {"document": document.short_name, "person": member.user.get_username()}
    try:
        if form.cleaned_data["value"] == "on":
            assign_document(by=visit.member, document=document, coder=member.user)
            text = _("%(document)s is assigned to %(person)s.") % said
        else:
            unassign_document(by=visit.member, document=document, coder=member.user)
            text = _("%(document)s is not assigned to %(person)s.") % said
    except MemberError as refusal:
        return _page(request, visit, NewMemberForm(), refusal=refusal, status=422)
    except NotAllowedError as refusal:
        raise PermissionDenied from refusal
    if not request.htmx:
        messages.success(request, text)
        return redirect("member-list", study=study)
    cell = load_cell(visit, document, member)
    return render(request, CELL, {"visit": visit, "cell": cell, "toast": Toast(text), "oob": True})


def _page(
    request: SummitRequest,
    visit: Visit,
    form: NewMemberForm,
    *,
    refusal: object = None,
    status: int = 200,
) -> HttpResponse:
    context = {"visit": visit, "page": "members", "form": form, "refusal": refusal}
    context |= {"shown": load_members(visit), "roles": ROLE_CHOICES}
    return render(request, PAGE, context, status=status)


def _back(visit: Visit, *, still_owner: bool) -> HttpResponse:
    """To the members; whoever has given the right away themselves is led where they may still be."""
    if still_owner or visit.member.is_superuser:
        return redirect("member-list", study=visit.study.slug)
    return redirect("study-list")


def _first(form: AssignmentForm) -> str:
    return str(next(iter(form.errors.values()))[0])
