"""The codebook in the admin: every change goes through the services, and a refusal is shown in place."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from annotations.models import Annotation, Source, Stance, Study, Topic, User
from tests.admin.conftest import logged_in, messages_of, staff
from tests.factories import make_tag


def page(kind: str, name: str, *args: int) -> str:
    return reverse(f"admin:annotations_{kind}_{name}", args=args)


def topic_form(study: Study, **changes: Any) -> dict[str, Any]:
    group = study.topics.get(slug="security").pk
    form = {"study": study.pk, "parent": group, "slug": "arms", "label": "Arms", "statement": "Fewer."}
    return {**form, "position": 9, **changes}


def test_an_entry_is_added_and_changed_under_the_curators_name(
    study: Study, curating: Client, staff_curator: User
) -> None:
    assert curating.post(page("topic", "add"), topic_form(study)).status_code == 302
    topic = study.topics.get(slug="arms")
    answer = curating.post(page("topic", "change", topic.pk), topic_form(study, label="Arms control"))
    assert answer.status_code == 302
    topic.refresh_from_db()
    assert topic.label == "Arms control"
    assert [h.history_user for h in topic.history.all()] == [staff_curator] * 2


def test_stances_and_sources_are_added(study: Study, curating: Client) -> None:
    stance = {"study": study.pk, "slug": "warm", "label": "Warm", "value": "0.5", "position": 9}
    assert curating.post(page("stance", "add"), stance).status_code == 302
    kremlin = study.sources.get(slug="kremlin").pk
    source = {"study": study.pk, "slug": "lavrov", "label": "Lavrov", "side": "Russia", "position": 9}
    assert curating.post(page("source", "add"), {**source, "speaks_for": kremlin}).status_code == 302
    assert study.sources.get(slug="lavrov").speaks_for_id == kremlin


def test_a_services_refusal_stands_beside_its_field(study: Study, curating: Client) -> None:
    talks = study.topics.get(slug="talks")
    answer = curating.post(page("topic", "add"), topic_form(study, parent="", statement="Alone."))
    assert "statement" in answer.context["adminform"].form.errors
    answer = curating.post(page("topic", "change", talks.pk), topic_form(study, slug="guarantees"))
    assert answer.context["adminform"].form.non_field_errors()
    oppose = study.stances.get(slug="oppose")
    study.stances.get(slug="mixed").delete()
    form = {"slug": "oppose", "label": "Oppose", "value": "1", "position": 3}
    answer = curating.post(page("stance", "change", oppose.pk), form)
    assert "value" in answer.context["adminform"].form.errors
    oppose.refresh_from_db()
    assert oppose.value == -1


def test_parents_offered_are_heads_of_the_same_study(study: Study, curating: Client) -> None:
    talks, kremlin = study.topics.get(slug="talks"), study.sources.get(slug="kremlin")
    form = curating.get(page("topic", "change", talks.pk)).context["adminform"].form
    assert [t.slug for t in form.fields["parent"].queryset] == ["security"]
    form = curating.get(page("source", "change", kremlin.pk)).context["adminform"].form
    assert {s.slug for s in form.fields["speaks_for"].queryset} == {"author", "biden", "putin"}
    assert "Study talks: Security" in curating.get(page("topic", "add")).content.decode()


def test_author_keeps_slug_and_side(study: Study, curating: Client) -> None:
    author = study.sources.get(slug="author")
    form = {"slug": "voice", "side": "Russia", "label": "The analysts", "position": 0}
    assert curating.post(page("source", "change", author.pk), form).status_code == 302
    author.refresh_from_db()
    assert (author.slug, author.side, author.label) == ("author", "Author", "The analysts")


@pytest.mark.parametrize(
    ("kind", "model", "slug"),
    [("topic", Topic, "talks"), ("stance", Stance, "support"), ("source", Source, "biden")],
)
def test_what_is_used_is_not_deleted(
    study: Study, coder: User, curating: Client, kind: str, model: Any, slug: str
) -> None:
    make_tag(study, coder)
    entry = model.objects.get(study=study, slug=slug)
    assert curating.get(page(kind, "delete", entry.pk)).status_code == 200
    answer = curating.post(page(kind, "delete", entry.pk), {"post": "yes"}, follow=True)
    assert answer.redirect_chain[0][0] == page(kind, "change", entry.pk)
    assert any("merge" in message for message in messages_of(answer))
    assert model.objects.filter(pk=entry.pk).exists()
    assert not LogEntry.objects.exists()


def test_what_is_unused_is_deleted(study: Study, curating: Client, staff_curator: User) -> None:
    topic = study.topics.get(slug="talks")
    assert curating.post(page("topic", "delete", topic.pk), {"post": "yes"}).status_code == 302
    assert not study.topics.filter(slug="talks").exists()
    assert Topic.history.latest().history_user == staff_curator


def test_nothing_deletes_in_bulk(study: Study, superuser: Client) -> None:
    pks = list(study.topics.values_list("pk", flat=True))
    for kind in ("topic", "stance", "source", "annotation", "document", "passage", "study", "user"):
        text = superuser.get(page(kind, "changelist")).content.decode()
        assert "delete_selected" not in text
    superuser.post(page("topic", "changelist"), {"action": "delete_selected", "_selected_action": pks})
    assert study.topics.count() == 3


# --- Merging -------------------------------------------------------------------------------------------


def choose(client: Client, kind: str, *pks: int) -> Any:
    return client.post(page(kind, "changelist"), {"action": "merge_selected", "_selected_action": pks})


def test_merging_takes_exactly_two(study: Study, curating: Client) -> None:
    pks = list(study.topics.values_list("pk", flat=True))
    for chosen in (pks[:1], pks):
        answer = curating.post(
            page("topic", "changelist"),
            {"action": "merge_selected", "_selected_action": chosen},
            follow=True,
        )
        assert messages_of(answer) == ["Select the two entries that are one."]
    assert choose(curating, "topic", *pks[:2])["Location"] == page("topic", "merge", *pks[:2])


def test_the_confirmation_page_says_what_will_happen(
    study: Study, coder: User, other_coder: User, curating: Client
) -> None:
    first, second = study.topics.get(slug="talks"), study.topics.get(slug="guarantees")
    make_tag(study, coder)
    make_tag(study, other_coder)
    make_tag(study, coder, topic="guarantees", stance="oppose")
    answer = curating.get(page("topic", "merge", first.pk, second.pk))
    text = answer.content.decode()
    assert answer.templates[0].name == "admin/annotations/merge_confirm.html"
    assert "2 annotations move" in text
    assert "ada (coded) 1, ben (coded) 1" in " ".join(text.split())
    assert "1 duplicate is withdrawn" in text
    assert "There should be guarantees." in text
    assert "Biden agreed to talk" in text
    assert Annotation.objects.active().count() == 3


def test_a_merge_asks_for_each_stance_and_then_happens(
    study: Study, coder: User, curating: Client, staff_curator: User
) -> None:
    first, second = study.topics.get(slug="talks"), study.topics.get(slug="guarantees")
    kept = make_tag(study, coder)
    other = make_tag(study, coder, topic="guarantees", stance="oppose")
    address = page("topic", "merge", first.pk, second.pk)
    answer = curating.post(address, {"into": second.pk})
    assert answer.status_code == 200
    assert "answer every question" in answer.content.decode()
    assert study.topics.filter(slug="talks").exists()
    form = {"into": second.pk, f"stance_{kept.pk}": other.stance_id}
    answer = curating.post(address, form, follow=True)
    assert messages_of(answer) == [
        "“Talks” is now “Guarantees”: 1 annotations moved, 1 duplicates withdrawn."
    ]
    kept.refresh_from_db()
    assert (kept.topic, kept.stance.slug, kept.coder) == (second, "oppose", coder)
    assert kept.history.latest().history_user == staff_curator
    assert not study.topics.filter(slug="talks").exists()
    assert LogEntry.objects.count() == 2


def test_sources_and_stances_are_merged(study: Study, coder: User, curating: Client) -> None:
    tag = make_tag(study, coder, source="putin", stance="mixed")
    for kind, goes, stays in (("source", "putin", "kremlin"), ("stance", "mixed", "neutral")):
        entries = getattr(study, f"{kind}s")
        merged, into = entries.get(slug=goes).pk, entries.get(slug=stays).pk
        assert curating.post(page(kind, "merge", merged, into), {"into": into}).status_code == 302
    tag.refresh_from_db()
    assert (tag.source.slug, tag.stance.slug) == ("kremlin", "neutral")


def test_an_impossible_merge_is_a_message(study: Study, curating: Client) -> None:
    author, putin = study.sources.get(slug="author").pk, study.sources.get(slug="putin").pk
    answer = curating.get(page("source", "merge", author, putin), follow=True)
    assert messages_of(answer) == ["The source “author” is the documents' own voice: it cannot be merged."]


def test_only_the_possible_direction_is_offered(study: Study, curating: Client) -> None:
    usa = Source.objects.create(study=study, slug="usa", label="USA", side="US", position=9)
    study.sources.filter(slug="biden").update(speaks_for=usa)
    biden, kremlin = study.sources.get(slug="biden").pk, study.sources.get(slug="kremlin").pk
    answer = curating.get(page("source", "merge", biden, kremlin))
    assert [preview.into.slug for preview in answer.context["previews"]] == ["kremlin"]
    assert "keep the body" in answer.content.decode()
    assert curating.post(page("source", "merge", biden, kremlin), {"into": biden}).status_code == 200
    assert study.sources.filter(slug="kremlin").exists()


def test_a_refusal_at_the_last_moment_is_a_message(study: Study, curating: Client) -> None:
    """Stances that would leave one value only are refused by the service, not by the preview."""
    study.stances.filter(slug__in=("mixed", "neutral")).delete()
    support, oppose = study.stances.get(slug="support").pk, study.stances.get(slug="oppose").pk
    answer = curating.post(page("stance", "merge", support, oppose), {"into": support}, follow=True)
    assert messages_of(answer) == ["A study needs stances of at least two different values."]
    assert study.stances.count() == 2


def test_merging_needs_both_permissions_and_the_study(study: Study, secret: Any, curating: Client) -> None:
    from annotations.enums import Role

    first, second = study.topics.get(slug="talks").pk, study.topics.get(slug="guarantees").pk
    theirs = secret.study.topics.get(slug="talks").pk
    assert curating.get(page("topic", "merge", first, theirs)).status_code == 403
    assert curating.post(page("topic", "merge", first, theirs), {"into": first}).status_code == 403
    for missing in ("change_topic", "delete_topic"):
        user = staff(study, Role.CURATOR, missing)
        user.user_permissions.remove(user.user_permissions.get(codename=missing))
        client = logged_in(user)
        assert client.get(page("topic", "merge", first, second)).status_code == 403
        assert "merge_selected" not in client.get(page("topic", "changelist")).content.decode()
