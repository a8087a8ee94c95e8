"""Studies, members and accounts: who may see and who may change them."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from annotations.enums import Role
from annotations.models import Membership, Study, User
from annotations.services.coding import finish_document
from tests.admin.conftest import Secret, messages_of, role_of
from tests.factories import make_member, make_tag, make_user


def page(kind: str, name: str, *args: int) -> str:
    return reverse(f"admin:annotations_{kind}_{name}", args=args)


def settings_form(**changes: Any) -> dict[str, Any]:
    return {"title": "New title", "agree_max": "0.2", "diverge_above": "0.6", **changes}


def test_an_owner_changes_a_studys_settings_and_a_curator_reads_them(
    study: Study, curating: Client, owning: Client, staff_owner: User
) -> None:
    address = page("study", "change", study.pk)
    assert curating.get(address).status_code == 200
    assert curating.post(address, settings_form()).status_code == 403
    assert owning.post(address, settings_form(slug="other")).status_code == 302
    study.refresh_from_db()
    assert (study.title, study.slug, study.agree_max) == ("New title", "talks", 0.2)
    assert study.history.latest().history_user == staff_owner


def test_bounds_out_of_order_are_refused_in_the_form(study: Study, owning: Client) -> None:
    answer = owning.post(page("study", "change", study.pk), settings_form(agree_max="0.9"))
    assert "The bounds must satisfy" in answer.content.decode()


def test_only_a_superuser_adds_a_study(study: Study, owning: Client, superuser: Client) -> None:
    assert owning.get(page("study", "add")).status_code == 403
    assert superuser.post(page("study", "add"), settings_form(slug="next")).status_code == 302
    assert Study.objects.filter(slug="next").exists()


def test_an_owner_keeps_the_members_and_a_curator_reads_them(
    study: Study, coder: User, curating: Client, owning: Client
) -> None:
    membership = Membership.objects.get(user=coder)
    address = page("membership", "change", membership.pk)
    assert curating.get(address).status_code == 200
    assert curating.post(address, {"role": "owner"}).status_code == 403
    assert curating.get(page("membership", "add")).status_code == 403
    assert curating.post(page("membership", "delete", membership.pk), {"post": "yes"}).status_code == 403
    assert owning.post(address, {"role": "curator"}).status_code == 302
    assert role_of(coder, study) == "curator"
    assert owning.post(page("membership", "delete", membership.pk), {"post": "yes"}).status_code == 302
    assert not Membership.objects.filter(user=coder).exists()


def test_an_owner_adds_people_by_name_to_their_own_study(
    study: Study, secret: Secret, owning: Client
) -> None:
    new, gone = make_user("Newcomer"), make_user("gone", is_active=False)
    form = {"study": study.pk, "user": "newcomer", "role": "coder"}
    assert owning.post(page("membership", "add"), form).status_code == 302
    assert role_of(new, study) == "coder"
    again = owning.post(page("membership", "add"), form)
    assert again.context["errors"]
    for name in ("nobody", gone.username):
        answer = owning.post(page("membership", "add"), {**form, "user": name})
        assert "There is no person of this user name." in answer.content.decode()
    theirs = owning.post(page("membership", "add"), {**form, "study": secret.study.pk})
    assert theirs.context["errors"]
    assert not secret.study.memberships.filter(user=new).exists()


def test_a_study_keeps_its_last_owner(
    study: Study, coder: User, owning: Client, superuser: Client, staff_owner: User
) -> None:
    last = Membership.objects.get(user=staff_owner)
    change, delete = (page("membership", name, last.pk) for name in ("change", "delete"))
    for client in (owning, superuser):
        for address, data in ((change, {"role": "curator"}), (delete, {"post": "yes"})):
            answer = client.post(address, data, follow=True)
            assert "A study keeps an owner: make somebody else an owner before olaf goes." in messages_of(
                answer
            )
    gone = superuser.post(page("user", "delete", staff_owner.pk), {"post": "yes"})
    assert gone.status_code == 200
    assert "Study talks: olaf is its last owner" in gone.content.decode()
    roles = dict(study.memberships.values_list("user__username", "role"))
    assert roles == {"olaf": "owner", "ada": "coder"}
    assert not LogEntry.objects.filter(content_type__model__in=("membership", "user")).exists()
    make_member(study, Role.OWNER, "otto")
    assert owning.post(delete, {"post": "yes"}).status_code == 302
    roles = dict(study.memberships.values_list("user__username", "role"))
    assert roles == {"otto": "owner", "ada": "coder"}


def test_an_owner_of_one_study_is_no_owner_of_another(
    study: Study, secret: Secret, owning: Client, staff_owner: User
) -> None:
    Membership.objects.create(study=secret.study, user=staff_owner, role="curator")
    membership = secret.study.memberships.get(user=secret.coder)
    assert owning.post(page("membership", "change", membership.pk), {"role": "owner"}).status_code == 403
    assert owning.post(page("study", "change", secret.study.pk), settings_form()).status_code == 403
    form = {"study": secret.study.pk, "user": "olaf", "role": "owner"}
    assert owning.post(page("membership", "add"), form).context["errors"]


def test_staff_see_the_people_of_their_studies_and_change_no_account(
    study: Study, coder: User, secret: Secret, curating: Client, staff_curator: User
) -> None:
    left = make_user("left")
    tag = make_tag(study, left)
    finisher = make_user("finisher")
    finish_document(by=finisher, document=tag.document)
    people = curating.get(page("user", "changelist")).context["cl"].queryset
    assert {user.username for user in people} == {"ada", "stan", "left", "finisher"}
    shown = curating.get(page("user", "change", coder.pk))
    assert shown.status_code == 200
    assert not {"email", "is_superuser"} & set(shown.context["adminform"].form.fields)
    for name in ("change", "delete"):
        answer = curating.post(page("user", name, coder.pk), {"username": "x", "post": "yes"})
        assert answer.status_code == 403
    assert curating.get(page("user", "add")).status_code == 403
    own = reverse("admin:auth_user_password_change", args=(staff_curator.pk,))
    assert curating.get(own).status_code == 403


def test_whoever_coded_is_not_deleted_but_anonymised(
    study: Study, coder: User, other_coder: User, superuser: Client
) -> None:
    make_tag(study, coder)
    finish_document(by=other_coder, document=study.documents.get(slug="east"))
    for user in (coder, other_coder):
        answer = superuser.post(page("user", "delete", user.pk), {"post": "yes"}, follow=True)
        assert "anonymise" in messages_of(answer)[0]
        assert User.objects.filter(pk=user.pk).exists()


def test_whoever_did_nothing_is_deleted(study: Study, superuser: Client) -> None:
    user = make_user("idle")
    assert superuser.post(page("user", "delete", user.pk), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()
    assert superuser.post(page("user", "delete", user.pk), {"post": "yes"}).status_code == 302


def test_the_mark_of_a_demonstration_account_is_read_only(study: Study, superuser: Client) -> None:
    user = make_user("demo", is_demo=True)
    shown = superuser.get(page("user", "change", user.pk))
    assert "is_demo" not in shown.context["adminform"].form.fields
    assert "demonstration account" in shown.content.decode().lower()
    assert superuser.get(page("user", "add")).status_code == 200
    assert superuser.get(page("user", "changelist")).status_code == 200
