"""The curator's queue by keyboard, by mouse and without JavaScript; and what the coders see of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.enums import Role
from annotations.models import Annotation, Decision, Membership, Study, User
from annotations.services.coding import change_tag, finish_document, reopen_document
from tests.browser.conftest import SELECT, Watched
from tests.curating import finish, kept_of, queue_of, settle
from tests.factories import PASSWORD, make_document, make_member, make_study, make_tag, values

S = "/studies/biden-putin-2021/"
CURATE = S + "curate/"
STANCE = CURATE + "?document=osw&situation=stance"
LogIn = Callable[[Page, str], None]
Check = Callable[[Page], None]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def conflict_of(study: Study) -> list[Annotation]:
    """The two tags of the shipped study that differ over a stance: on sanctions, in OSW's passage 14."""
    entry = next(e for e in queue_of(study, "osw").entries if "stance" in e.situations)
    tags = Annotation.objects.filter(pk__in=entry.tags).select_related("stance")
    return list(tags.order_by("coder__username"))


def select_words(page: Page, words: str) -> None:
    """Selects words in the item's passage as a mouse would."""
    page.evaluate(SELECT.replace("`#p${passage} .run`", "'#claim-run'"), [0, words])


def test_a_conflict_is_settled_by_keyboard_and_the_coder_and_the_comparison_see_it(
    live_server: LiveServer, browser: Browser, page: Page, shipped: Study, log_in: LogIn
) -> None:
    first, second = conflict_of(shipped)
    coder = User.objects.get(username="coder-2")
    coder.set_password(PASSWORD)
    coder.save()
    theirs = browser.new_page()
    log_in(theirs, "coder-2")
    theirs.goto(live_server.url + S + "decisions/")
    expect(theirs.get_by_text("Nothing is decided about your tags here yet.").first).to_be_visible()
    log_in(page, "cora")
    page.goto(live_server.url + S + "compare/?layer=curated")
    expect(page.locator("#t-sanctions")).to_contain_text("not coded yet")

    page.goto(live_server.url + STANCE)
    expect(page.locator("#claim-h")).to_have_text("Sanctions")
    expect(page.locator("#claim-run mark[data-marks='1 2']")).to_have_count(1)
    press(page, "1")
    expect(page.locator("[data-live]")).to_have_text("Kept: 1")
    # A reason is needed: Enter asks for it, and saves once it is there.
    press(page, "Enter")
    expect(page.locator("[data-live]")).to_have_text("Say why: slip, judgement, or gap.")
    press(page, "d", "e")
    page.keyboard.type("Possible is not yet threatened.")
    press(page, "Control+Enter")
    expect(page.locator("#said")).to_contain_text("Accepted.")
    expect(page.locator("#claim-h")).to_be_focused()
    decision = Decision.objects.get()
    assert (decision.outcome, decision.reason, decision.situation) == ("accepted", "judgement", "stance")
    assert [tag.stance_id for tag in decision.settled.all()] == [first.stance_id]

    page.goto(live_server.url + S + "compare/?layer=curated")
    row = page.locator("#t-sanctions")
    expect(row.get_by_role("link", name="1 tag of OSW on Sanctions")).to_be_visible()
    theirs.reload()
    decided = theirs.locator(f"#d-{second.public_id}")
    expect(decided).to_contain_text("changed")
    expect(decided).to_contain_text("judgement")
    expect(decided).to_contain_text(first.stance.label)
    expect(decided).to_contain_text("Possible is not yet threatened.")
    theirs.close()


def test_stance_and_words_are_changed_by_keys_and_undone(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + STANCE)
    press(page, "2", "o", "]", "]", "{", "g", "Enter")
    expect(page.locator("#said")).to_contain_text("Accepted with changes.")
    decision = Decision.objects.get()
    tag = decision.settled.get()
    words = conflict_of(shipped)[0].quote.split(" ")
    assert (tag.quote, tag.stance.slug) == (" ".join(words[2:-1]), "oppose")
    assert (decision.outcome, decision.reason) == ("changed", "gap")
    press(page, "Control+z")
    expect(page.locator("#said")).to_contain_text("The decision is undone.")
    expect(page.locator("#claim-h")).to_have_text("Sanctions")
    assert not Decision.objects.active().exists()


def test_j_k_0_and_the_reasons_work_and_letters_typed_do_not(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + CURATE + "?document=osw&situation=some")
    first = page.locator("#claim-run").text_content()
    press(page, "j")
    expect(page.locator(".claim-head")).to_contain_text("2 of 8")
    press(page, "k")
    expect(page.locator(".claim-head")).to_contain_text("1 of 8")
    expect(page.locator("#claim-run")).to_have_text(first or "")
    press(page, "e")
    page.keyboard.type("jk01ac")
    expect(page.locator("#remark")).to_have_value("jk01ac")
    expect(page.locator("#itemform input[name=keep_0]:checked")).to_have_count(0)
    page.locator("#claim-h").focus()
    press(page, "0")
    expect(page.locator("[data-live]")).to_have_text("Kept: nothing.")
    press(page, "l", "Enter")
    expect(page.locator("#said")).to_contain_text("Settled: nothing here.")
    expect(page.locator(".claim-head")).to_contain_text("1 of 7")
    decision = Decision.objects.get()
    assert (decision.outcome, decision.reason, decision.remark) == ("nothing", "slip", "jk01ac")


def test_single_letter_keys_can_be_switched_off(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + STANCE)
    press(page, "?")
    page.get_by_role("checkbox", name="Single-letter keys on").uncheck()
    press(page, "Escape")
    page.reload()
    press(page, "1")
    expect(page.locator("#itemform input[name=keep_0]:checked")).to_have_count(0)
    page.get_by_role("radio", name="Accept 1 coder-1").check()
    page.get_by_role("radio", name="Slip").check(force=True)
    press(page, "Control+Enter")
    expect(page.locator("#said")).to_contain_text("Accepted.")


def test_both_sources_of_a_conflict_stay_by_two_keys(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + CURATE + "?document=osw&situation=source")
    press(page, "1")
    expect(page.get_by_role("radio", name="Not White House")).to_be_checked()
    press(page, "3")
    expect(page.locator("[data-live]")).to_have_text("Kept: 1, 3")
    press(page, "d", "Enter")
    expect(page.locator("#said")).to_contain_text("Accepted.")
    settled = Decision.objects.get().settled.order_by("start")
    assert [tag.source.slug for tag in settled] == ["congress", "white-house"]


def test_all_unanimous_are_accepted_by_a_and_undone(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + CURATE + "?document=osw")
    press(page, "a")
    page.get_by_role("heading", name="65 items are unanimous and can be accepted at once.").wait_for()
    page.get_by_role("button", name="Accept these 65").click()
    expect(page.locator("#said")).to_contain_text("65 items accepted.")
    expect(page.locator(".cur-docs")).to_contain_text("65 of 76 settled")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("65 decisions are undone.")
    expect(page.locator(".cur-docs")).to_contain_text("0 of 76 settled")


def test_words_selected_with_the_mouse_are_kept_code_point_for_code_point(
    live_server: LiveServer, page: Page, transactional_db: None, log_in: LogIn
) -> None:
    study = make_study()
    make_document(study, "odd", "\U0001f600 Łódź said \U0001f468\u200d\U0001f469 yes, and then no.")
    coder = make_member(study, Role.CODER, "ada")
    make_member(study, Role.CURATOR, "cora")
    make_tag(study, coder, "said \U0001f468\u200d\U0001f469 yes", "odd")
    log_in(page, "cora")
    page.goto(live_server.url + "/studies/talks/curate/?document=odd")
    select_words(page, "\U0001f468\u200d\U0001f469 yes, and")
    expect(page.locator("[data-words]")).to_have_text("\U0001f468\u200d\U0001f469 yes, and")
    expect(page.get_by_role("radio", name="Accept with changes")).to_be_checked()
    page.get_by_role("radio", name="Judgement").check(force=True)
    page.get_by_role("button", name="Save decision").click()
    expect(page.locator("#said")).to_contain_text("Accepted with changes.")
    assert Decision.objects.get().settled.get().quote == "\U0001f468\u200d\U0001f469 yes, and"


def test_two_curators_at_once_overwrite_nothing(
    live_server: LiveServer, context: BrowserContext, shipped: Study, log_in: LogIn
) -> None:
    page = context.new_page()
    log_in(page, "cora")
    page.goto(live_server.url + STANCE)
    press(page, "1", "l")
    olga = User.objects.get(username="olga")
    tags = conflict_of(shipped)
    settle(olga, tags[0], kept_of(tags[1]), remark="The second is right.")
    press(page, "Enter")
    conflict = page.locator("#claim-conflict")
    expect(conflict).to_be_focused()
    expect(conflict).to_contain_text("This has been decided since you opened it.")
    expect(page.locator(".decided")).to_contain_text("The second is right.")
    expect(page.locator("#pick-1")).to_be_checked()
    press(page, "Enter")
    expect(page.locator("#said")).to_contain_text("Accepted.")
    assert [d.curator.username for d in Decision.objects.active()] == ["cora"]
    assert Decision.objects.count() == 2


def test_a_choice_that_is_not_saved_is_not_thrown_away_without_a_word(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "cora")
    page.goto(live_server.url + CURATE + "?document=osw&situation=some")
    press(page, "1")
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.once("dialog", stay)
    press(page, "j")
    expect(page.locator("#pick-1")).to_be_checked()
    assert asked == ["Your decision is not saved. Throw it away?"]
    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "j")
    expect(page.locator(".claim-head")).to_contain_text("2 of 8")


def test_the_queue_works_without_javascript(
    live_server: LiveServer, browser: Browser, shipped: Study, log_in: LogIn
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    log_in(page, "cora")
    page.goto(live_server.url + STANCE)
    page.get_by_role("radio", name="Accept with changes").check()
    page.get_by_label("Other words, copied from the passage").fill("a possible response involving sanctions")
    page.get_by_role("radio", name="Opposes").check(force=True)
    page.get_by_role("radio", name="Gap in the guidelines").check(force=True)
    page.get_by_role("button", name="Save decision").click()
    expect(page.locator("#said")).to_contain_text("Accepted with changes.")
    tag = Decision.objects.get().settled.get()
    assert (tag.quote, tag.stance.slug) == ("a possible response involving sanctions", "oppose")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("The decision is undone.")
    page.get_by_role("link", name="Accept all 65 unanimous").click()
    page.get_by_role("button", name="Accept these 65").click()
    expect(page.locator("#said")).to_contain_text("65 items accepted.")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_state_of_the_queue_breaks_a_rule(
    live_server: LiveServer,
    watched: Watched,
    shipped: Study,
    log_in: LogIn,
    no_violation: Check,
    width: int,
) -> None:
    a_life_of_decisions(shipped)
    page = watched.page
    log_in(page, "cora")
    for address in (
        CURATE,
        STANCE,
        CURATE + "?document=osw&status=changed&names=hidden",
        CURATE + "?document=osw&status=settled",
        CURATE + "?document=osw&situation=source",
        CURATE + "?document=osw&topic=minsk&status=settled",
        CURATE + "unanimous/",
        S + "decisions/?coder=coder-1",
        S + "decisions/",
    ):
        page.goto(live_server.url + address)
        no_violation(page)
        wider = page.evaluate(
            "Math.max(0, ...[...document.querySelectorAll('main, main *')]"
            ".filter((e) => !e.closest('.versions-box'))"
            ".map((e) => e.getBoundingClientRect().right)) - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{address} is {wider} px too wide at {width} px"
    page.goto(live_server.url + STANCE)
    press(page, "2", "c")
    no_violation(page)
    page.locator("#itemform").evaluate("form => htmx.trigger(form, 'submit')")
    expect(page.locator("#claim-conflict")).to_contain_text("Not saved yet.")
    no_violation(page)
    # Nothing was changed after all: it is accepted as it was.
    press(page, "l", "Enter")
    expect(page.locator("#said")).to_contain_text("Accepted.")
    no_violation(page)
    press(page, "?")
    no_violation(page)
    watched.is_quiet(but="422")


def a_life_of_decisions(study: Study) -> None:
    """One item accepted, one dropped with a remark, and one that changed since."""
    cora = User.objects.get(username="cora")
    Membership.objects.filter(user=cora).update(role=Role.CURATOR.value)
    entries = [entry for entry in queue_of(study, "osw").entries if entry.situation == "unanimous"]
    tags = [Annotation.objects.get(pk=next(iter(entry.tags))) for entry in entries[:3]]
    settle(cora, tags[0], kept_of(tags[0]))
    settle(cora, tags[1], remark="A headline is not the analysis.")
    settle(cora, tags[2], kept_of(tags[2]))
    changed = Annotation.objects.select_related("coder", "document", "study").get(pk=tags[2].pk)
    reopen_document(by=changed.coder, document=changed.document)
    said = values(study, changed.quote, "osw", topic=changed.topic.slug, source=changed.source.slug)[1]
    change_tag(by=changed.coder, annotation=changed, version=1, values=said)
    finish_document(by=changed.coder, document=changed.document)
    finish(study, slugs=())
