"""Nothing is ever lost: undo, conflicts, sending twice, a lost connection, a lost login, another person."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from annotations.enums import Role
from annotations.models import Annotation, Membership, Study, User
from annotations.services.merging import merge_topics
from tests.browser.acts import choose, tag
from tests.browser.conftest import OSW
from tests.factories import PASSWORD

LogIn = Callable[[Page, str], None]
Select = Callable[[Page, int, str], None]
QUOTES = ("two hours", "a virtual US-Russian summit")


@pytest.fixture
def ada(live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn) -> Iterator[Page]:
    """Ada at the workbench. No script of a page fails meanwhile."""
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    yield page
    assert failed == []


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """A browser of its own: another person, or the same one elsewhere."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    yield context.new_page()
    context.set_offline(True)
    context.close()


def said() -> list[tuple[str, str, str]]:
    """Every active tag of Ada: quote, stance, note."""
    tags = Annotation.objects.active().filter(coder__username="ada").order_by("created_at")
    return list(tags.values_list("quote", "stance__slug", "note"))


def toast(page: Page) -> object:
    return page.locator("#toast")


def unsent(page: Page) -> list[str]:
    """The keys of what this browser keeps of unsaved tags."""
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('summit-unsent:'))")


def tag_without_waiting(
    page: Page, select: Select, passage: int, words: str, stance: str = "Supports"
) -> None:
    select(page, passage, words)
    tag(page, stance)


def open_tag(page: Page) -> None:
    page.locator(".tag").first.hover()
    page.get_by_role("link", name="Edit the tag").first.click()
    page.get_by_role("button", name="Save change").wait_for()


def change(page: Page, stance: str) -> None:
    page.get_by_role("radio", name=stance).check(force=True)
    page.get_by_role("button", name="Save change").click()


class TestUndo:
    def test_steps_are_taken_back_and_made_again_across_reloads(self, ada: Page, select: Select) -> None:
        tag_without_waiting(ada, select, 4, "two hours")
        expect(toast(ada)).to_contain_text("Tagged as Minsk agreements.")
        open_tag(ada)
        change(ada, "Opposes")
        expect(toast(ada)).to_contain_text("Changed.")
        ada.locator(".tag").hover()
        ada.get_by_role("button", name="Withdraw the tag Minsk agreements").click()
        expect(toast(ada)).to_contain_text("Withdrawn.")
        undo, redo = ada.locator("#undo [data-undo]"), ada.locator("#undo [data-redo]")
        found = []
        for act in ("Undo: withdrawal of", "Undo: change of", "Undo: tag"):
            ada.reload()
            expect(undo).to_have_accessible_name(f"{act} Minsk agreements")
            undo.click()
            expect(toast(ada)).to_contain_text("Undone")
            found.append([stance for _quote, stance, _note in said()])
        assert found == [["oppose"], ["support"], []]
        expect(ada.locator("#p4 mark")).to_have_count(0)
        for act in ("Redo: tag", "Redo: change of"):
            ada.reload()
            expect(redo).to_have_accessible_name(f"{act} Minsk agreements")
            redo.click()
            expect(toast(ada)).to_contain_text("Redone")
        assert said() == [("two hours", "oppose", "")]
        expect(ada.locator("#p4 mark")).to_have_count(1)

    def test_by_keyboard_and_never_while_a_field_has_the_focus(self, ada: Page, select: Select) -> None:
        tag_without_waiting(ada, select, 4, "two hours")
        expect(toast(ada)).to_contain_text("Tagged")
        ada.keyboard.press("Control+z")
        expect(toast(ada)).to_contain_text("is withdrawn")
        ada.keyboard.press("Control+Shift+z")
        expect(toast(ada)).to_contain_text("is back")
        ada.keyboard.press("Control+z")
        expect(toast(ada)).to_contain_text("is withdrawn")
        ada.keyboard.press("Control+y")
        expect(toast(ada)).to_contain_text("is back")
        select(ada, 4, "summit")
        note = ada.get_by_label("Note")
        note.fill("half")
        note.press("End")
        note.press("Control+z")
        expect(note).to_have_value("")
        assert len(said()) == 1

    def test_a_half_filled_form_stays_when_other_tags_are_undone_or_withdrawn(
        self, ada: Page, select: Select
    ) -> None:
        for passage, words in ((7, "continue contacts"), (4, "two hours"), (4, "On December 7")):
            tag_without_waiting(ada, select, passage, words)
            expect(ada.locator(f"#p{passage} mark").filter(has_text=words)).to_have_count(1)
        asked: list[str] = []
        ada.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        select(ada, 4, "summit")
        choose(ada, "Topic", "minsk", "Minsk agreements")
        ada.get_by_label("Note").fill("half a sentence")
        ada.locator(".tag").first.hover()
        ada.get_by_role("button", name="Withdraw the tag").first.click()
        expect(toast(ada)).to_contain_text("Withdrawn.")
        toast(ada).get_by_role("button", name="Undo").click()
        expect(toast(ada)).to_contain_text("Undone: the tag Minsk agreements is back.")
        ada.locator("#p7 .tally").click()
        expect(ada.locator("#tags-h")).to_contain_text("Tags in passage 7 1")
        expect(ada.get_by_label("Note")).to_have_value("half a sentence")
        expect(ada.locator("#tagform [data-quote]")).to_have_text("summit")
        expect(ada.locator("#p4")).to_have_class("passage paragraph current")
        assert asked == []

    def test_ones_own_work_only(
        self, live_server: LiveServer, ada: Page, other: Page, select: Select, log_in: LogIn
    ) -> None:
        log_in(other, "cora")
        other.goto(live_server.url + OSW)
        for page in (ada, other):
            tag_without_waiting(page, select, 4, "two hours")
            expect(toast(page)).to_contain_text("Tagged")
        ada.keyboard.press("Control+z")
        expect(toast(ada)).to_contain_text("Undone")
        expect(ada.locator("#undo [data-undo]")).to_have_count(0)
        ada.keyboard.press("Control+z")
        assert said() == []
        assert Annotation.objects.active().filter(coder__username="cora").count() == 1

    def test_without_javascript(
        self, live_server: LiveServer, browser: Browser, shipped: Study, log_in: LogIn
    ) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        log_in(page, "ada")
        tag_by_hand(page, live_server.url + OSW + "?passage=4")
        page.get_by_role("button", name="Undo: tag Minsk agreements").click()
        expect(page.locator("#toast")).to_contain_text("Undone")
        assert said() == []
        page.get_by_role("button", name="Redo: tag Minsk agreements").click()
        expect(page.locator("#p4 mark")).to_have_text("two hours")
        context.close()


def tag_by_hand(page: Page, address: str) -> None:
    """A tag without JavaScript."""
    page.goto(address)
    page.get_by_label("Words of the quote").fill("two hours")
    page.get_by_label("Topic").select_option("minsk")
    page.get_by_role("radio", name="Supports").check(force=True)
    page.get_by_label("Source").select_option("biden")
    page.get_by_role("button", name="Save tag").click()
    expect(page.locator("#p4 mark")).to_have_text("two hours")


class TestConflicts:
    @pytest.fixture
    def two(
        self, live_server: LiveServer, ada: Page, other: Page, select: Select, log_in: LogIn
    ) -> tuple[Page, Page]:
        """The same tag open in two browsers; the first has made it opposing, with a note, since."""
        tag_without_waiting(ada, select, 4, "two hours")
        expect(toast(ada)).to_contain_text("Tagged")
        log_in(other, "ada")
        for page in (ada, other):
            page.goto(live_server.url + OSW + "?passage=4")
            open_tag(page)
        ada.get_by_label("Note").fill("theirs")
        change(ada, "Opposes")
        expect(toast(ada)).to_contain_text("Changed")
        other.get_by_label("Note").fill("mine")
        change(other, "Mixed")
        conflict = other.get_by_role("form", name="This tag has changed since you opened it.")
        for words in ("Opposes", "Mixed", "theirs", "mine"):
            expect(conflict).to_contain_text(words)
        return ada, other

    def test_mine_is_kept(self, two: tuple[Page, Page]) -> None:
        two[1].get_by_role("button", name="Keep mine").click()
        expect(toast(two[1])).to_contain_text("Changed")
        assert said() == [("two hours", "mixed", "mine")]

    def test_theirs_is_taken(self, two: tuple[Page, Page]) -> None:
        two[1].get_by_role("link", name="Take theirs").click()
        expect(two[1].locator("#tags")).to_contain_text("theirs")
        expect(two[1].locator("[data-conflict]")).to_have_count(0)
        assert said() == [("two hours", "oppose", "theirs")]

    def test_each_field_is_chosen(self, two: tuple[Page, Page], no_violation: Callable[[Page], None]) -> None:
        page = two[1]
        no_violation(page)
        # Both have changed both: nothing is chosen for them, and nothing is sent before it is.
        page.get_by_role("button", name="Save what I chose").click()
        assert said() == [("two hours", "oppose", "theirs")]
        page.get_by_role("group", name="Note").get_by_role("radio", name="mine").check()
        page.get_by_role("group", name="Stance").get_by_role("radio", name="Opposes").check()
        page.get_by_role("button", name="Save what I chose").click()
        expect(toast(page)).to_contain_text("Changed")
        assert said() == [("two hours", "oppose", "mine")]

    def test_a_stale_withdrawal_shows_what_is_stored_and_offers_that(
        self, live_server: LiveServer, ada: Page, other: Page, select: Select, log_in: LogIn
    ) -> None:
        tag_without_waiting(ada, select, 4, "two hours")
        expect(toast(ada)).to_contain_text("Tagged")
        log_in(other, "ada")
        other.goto(live_server.url + OSW + "?passage=4&hand=empty")
        open_tag(ada)
        change(ada, "Opposes")
        expect(toast(ada)).to_contain_text("Changed")
        other.locator(".tag").hover()
        other.get_by_role("button", name="Withdraw the tag").click()
        stale = other.get_by_role("alert").filter(has_text="This tag has changed since you opened it.")
        expect(stale).to_contain_text("Minsk agreements · Opposes · Joe Biden")
        assert said() == [("two hours", "oppose", "")]
        stale.get_by_role("button", name="Withdraw it as it is now").click()
        expect(toast(other)).to_contain_text("Withdrawn")
        assert said() == []

    def test_an_undo_of_what_somebody_else_changed_shows_what_is_stored(
        self, live_server: LiveServer, ada: Page, shipped: Study, select: Select
    ) -> None:
        tag_without_waiting(ada, select, 4, "two hours")
        expect(toast(ada)).to_contain_text("Tagged")
        cora = User.objects.get(username="cora")
        into, merged = (shipped.topics.get(slug=slug) for slug in ("troops", "minsk"))
        merge_topics(by=cora, into=into, merged=merged)
        ada.keyboard.press("Control+z")
        stale = ada.get_by_role("alert").filter(has_text="This tag has changed since you opened it.")
        expect(stale).to_contain_text(into.label)
        assert said() == [("two hours", "support", "")]


class TestSentTwice:
    def test_a_double_click_makes_one_tag(self, ada: Page, select: Select) -> None:
        select(ada, 4, "two hours")
        choose(ada, "Topic", "minsk", "Minsk agreements")
        ada.get_by_role("radio", name="Supports").check(force=True)
        choose(ada, "Source", "biden", "Joe Biden")
        ada.get_by_role("button", name="Save tag").dblclick()
        expect(toast(ada)).to_contain_text("Tagged")
        ada.wait_for_load_state("networkidle")
        assert said() == [("two hours", "support", "")]

    def test_a_form_reached_by_the_back_button_makes_one_tag(
        self, live_server: LiveServer, browser: Browser, shipped: Study, log_in: LogIn
    ) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        log_in(page, "ada")
        tag_by_hand(page, live_server.url + OSW + "?passage=4")
        page.go_back()
        page.get_by_label("Words of the quote").fill("two hours")
        page.get_by_label("Topic").select_option("minsk")
        page.get_by_role("radio", name="Supports").check(force=True)
        page.get_by_label("Source").select_option("biden")
        page.get_by_role("button", name="Save tag").click()
        expect(page.locator("#p4 mark")).to_have_text("two hours")
        assert said() == [("two hours", "support", "")]
        context.close()

    def test_going_back_to_the_page_and_saving_again_makes_one_tag(
        self, live_server: LiveServer, ada: Page, select: Select
    ) -> None:
        tag_without_waiting(ada, select, 4, "two hours")
        expect(toast(ada)).to_contain_text("Tagged")
        ada.goto(live_server.url + "/")
        ada.go_back()
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#panel")).to_contain_text("You have tagged these words")
        assert said() == [("two hours", "support", "")]

    def test_an_answer_that_got_lost_makes_one_tag(self, ada: Page, select: Select) -> None:
        """The server has stored it, and the answer never came."""

        def lose(route: Route) -> None:
            route.fetch()
            route.abort("connectionreset")

        ada.route("**/tags/", lose, times=1)
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_contain_text("No connection. 1 tag waits")
        assert len(said()) == 1
        ada.get_by_role("button", name="Try now").click()
        expect(toast(ada)).to_contain_text("Tagged as Minsk agreements.")
        expect(ada.locator("#unsent")).to_be_hidden()
        assert said() == [("two hours", "support", "")]
        assert unsent(ada) == []


class TestNoConnection:
    def test_tags_wait_in_the_page_and_are_saved_in_their_order(
        self, context: BrowserContext, ada: Page, select: Select, no_violation: Callable[[Page], None]
    ) -> None:
        # Nothing is left to be told of what was read: the saves alone have the progress counted.
        expect(ada.locator("#progress")).to_contain_text("4 visited", timeout=15_000)
        context.set_offline(True)
        tag_without_waiting(ada, select, 4, "two hours")
        notice = ada.locator("#unsent")
        expect(notice).to_contain_text("No connection. 1 tag waits; it is saved when the connection is back.")
        expect(ada.locator("#tagform")).to_have_class("tagform is-empty")
        tag_without_waiting(ada, select, 4, "On December 7", "Opposes")
        expect(notice).to_contain_text("No connection. 2 tags wait")
        notice.get_by_text("Show them").click()
        expect(notice.get_by_role("listitem")).to_have_count(2)
        expect(notice).to_contain_text("“two hours” · Minsk agreements · Supports · Joe Biden")
        no_violation(ada)
        assert said() == []

        context.set_offline(False)
        expect(notice).to_be_hidden()
        expect(toast(ada)).to_contain_text("Saved: 2 tags that were waiting.")
        assert said() == [("two hours", "support", ""), ("On December 7", "oppose", "")]
        expect(ada.locator("#p4 mark")).to_have_count(2)
        expect(ada.locator("#progress")).to_contain_text("1 of 14 passages tagged")
        expect(ada.locator("#undo [data-undo]")).to_have_accessible_name("Undo: tag Minsk agreements")
        assert unsent(ada) == []

    def test_a_form_that_is_being_filled_stays_when_what_waits_is_saved(
        self, context: BrowserContext, ada: Page, select: Select
    ) -> None:
        context.set_offline(True)
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_be_visible()
        select(ada, 7, "continue contacts and dialogue")
        ada.get_by_label("Note").fill("half a sentence")
        context.set_offline(False)
        expect(ada.locator("#unsent")).to_be_hidden()
        expect(ada.locator("#p4 mark")).to_have_text("two hours")
        expect(ada.get_by_label("Note")).to_have_value("half a sentence")
        expect(ada.locator("#tagform [data-quote]")).to_have_text("continue contacts and dialogue")
        expect(ada.locator("#p7")).to_have_class("passage paragraph current")

    def test_a_change_and_a_withdrawal_wait_too(
        self, live_server: LiveServer, context: BrowserContext, ada: Page, select: Select
    ) -> None:
        for words in ("two hours", "On December 7"):
            tag_without_waiting(ada, select, 4, words)
            expect(ada.locator("#p4 mark").filter(has_text=words)).to_have_count(1)
        open_tag(ada)
        context.set_offline(True)
        change(ada, "Opposes")
        expect(ada.locator("#unsent")).to_contain_text("1 tag waits")
        ada.locator(".tag").last.hover()
        ada.get_by_role("button", name="Withdraw the tag").last.click()
        expect(ada.locator("#unsent")).to_contain_text("2 tags wait")
        context.set_offline(False)
        expect(ada.locator("#unsent")).to_be_hidden()
        assert said() == [("On December 7", "oppose", "")]

    def test_a_reload_and_a_closed_window_keep_what_waits(
        self, live_server: LiveServer, context: BrowserContext, ada: Page, select: Select
    ) -> None:
        context.set_offline(True)
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_be_visible()
        asked: list[str] = []
        ada.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        with ada.expect_event("close"):
            ada.close(run_before_unload=True)
        assert asked == []
        context.set_offline(False)
        page = context.new_page()
        page.goto(live_server.url + OSW)
        expect(toast(page)).to_contain_text("Tagged as Minsk agreements.")
        expect(page.locator("#p4 mark")).to_have_text("two hours")
        assert said() == [("two hours", "support", "")]

    def test_a_window_closed_while_a_tag_is_on_its_way_loses_nothing(
        self, live_server: LiveServer, context: BrowserContext, ada: Page, select: Select
    ) -> None:
        # Never answered.
        ada.route("**/tags/", lambda _route: None)
        tag_without_waiting(ada, select, 4, "two hours")
        ada.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('summit-unsent:'))")
        ada.close()
        page = context.new_page()
        page.goto(live_server.url + "/")
        expect(toast(page)).to_contain_text("Saved: 1 tag that was waiting.")
        assert said() == [("two hours", "support", "")]

    def test_what_is_in_the_form_and_not_kept_is_asked_about(self, ada: Page, select: Select) -> None:
        select(ada, 4, "two hours")
        ada.get_by_label("Note").fill("half a sentence")
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        ada.on("dialog", stay)
        ada.close(run_before_unload=True)
        ada.wait_for_timeout(300)
        assert asked == ["beforeunload"]
        assert not ada.is_closed()

    @pytest.mark.parametrize("status", [502, 503, 504])
    def test_a_server_that_is_away_counts_as_no_connection(
        self, ada: Page, select: Select, status: int
    ) -> None:
        ada.route(
            "**/tags/", lambda route: route.fulfill(status=status, body="<h1>Bad gateway</h1>"), times=1
        )
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_contain_text("No connection. 1 tag waits")
        # It is tried again after two seconds.
        expect(toast(ada)).to_contain_text("Tagged", timeout=8000)
        expect(ada.locator("#unsent")).to_be_hidden()
        assert len(said()) == 1

    def test_another_servers_page_is_not_taken_for_an_answer(self, ada: Page, select: Select) -> None:
        """The page of a hotel's network comes with a 200."""
        ada.route(
            "**/tags/", lambda route: route.fulfill(status=200, body="<h1>Welcome to the hotel</h1>"), times=2
        )
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_contain_text("No connection. 1 tag waits")
        expect(ada.locator("body")).not_to_contain_text("Welcome to the hotel")
        ada.get_by_role("button", name="Try now").click()
        expect(ada.locator("#unsent")).to_contain_text("No connection. 1 tag waits")
        ada.get_by_role("button", name="Try now").click()
        expect(toast(ada)).to_contain_text("Tagged")
        assert len(said()) == 1

    def test_what_the_server_refuses_later_comes_back_with_its_words(
        self, context: BrowserContext, ada: Page, shipped: Study, select: Select
    ) -> None:
        context.set_offline(True)
        tag_without_waiting(ada, select, 4, "two hours")
        tag_without_waiting(ada, select, 7, "continue contacts and dialogue", "Opposes")
        expect(ada.locator("#unsent")).to_contain_text("2 tags wait")
        shipped.topics.filter(slug="minsk").update(is_retired=True)
        context.set_offline(False)
        # The first is put back into the form. The second finds the form in use, and stays to be read.
        expect(ada.locator("#tagform .error").first).to_contain_text("is retired")
        expect(ada.locator("#tagform [data-quote]")).to_have_text("two hours")
        notice = ada.locator("#unsent")
        expect(notice).to_contain_text("1 tag was refused. It is kept here.")
        expect(notice).to_contain_text("“continue contacts and dialogue”")
        expect(notice).to_contain_text("is retired")
        choose(ada, "Topic", "troop", "Russian troop movements")
        ada.get_by_role("button", name="Save tag").click()
        expect(ada.locator("#p4 mark")).to_have_count(1)
        shipped.topics.filter(slug="minsk").update(is_retired=False)
        notice.get_by_role("button", name="Open it").click()
        expect(ada.locator("#tagform [data-quote]")).to_have_text("continue contacts and dialogue")
        expect(ada.get_by_role("combobox", name="Topic")).to_have_value("Minsk agreements")
        expect(ada.get_by_role("radio", name="Opposes")).to_be_checked()
        expect(notice).to_be_hidden()
        ada.get_by_role("button", name="Save tag").click()
        expect(ada.locator("#p7 mark")).to_have_count(1)
        assert [row[:2] for row in said()] == [
            ("two hours", "support"),
            ("continue contacts and dialogue", "oppose"),
        ]

    def test_a_browser_that_keeps_nothing_says_so_and_asks_before_it_is_closed(
        self, live_server: LiveServer, context: BrowserContext, ada: Page, select: Select
    ) -> None:
        ada.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full') }")
        ada.reload()
        context.set_offline(True)
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_contain_text("This browser keeps nothing: leave this page open.")
        asked: list[str] = []
        ada.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        ada.close(run_before_unload=True)
        ada.wait_for_timeout(300)
        assert asked == ["beforeunload"]
        context.set_offline(False)
        expect(toast(ada)).to_contain_text("Tagged")
        assert len(said()) == 1

    def test_too_many_stay_in_the_form(self, context: BrowserContext, ada: Page, select: Select) -> None:
        context.set_offline(True)
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_contain_text("1 tag waits")
        ada.evaluate(
            """() => {
              const [key] = Object.keys(localStorage).filter((one) => one.startsWith("summit-unsent:"));
              const entry = JSON.parse(localStorage.getItem(key));
              for (let n = 1; n < 100; n++) {
                localStorage.setItem(key + n, JSON.stringify({ ...entry, id: entry.id + n }));
              }
            }"""
        )
        tag_without_waiting(ada, select, 7, "continue contacts and dialogue")
        expect(toast(ada)).to_contain_text("Too many tags wait already. This one stays in the form")
        expect(ada.locator("#tagform [data-quote]")).to_have_text("continue contacts and dialogue")

    def test_who_may_no_longer_tag_reads_why_and_keeps_the_words(
        self, ada: Page, shipped: Study, select: Select
    ) -> None:
        select(ada, 4, "two hours")
        ada.get_by_label("Note").fill("half a sentence")
        shipped.memberships.filter(user__username="ada").update(role=Role.READER.value)
        tag(ada)
        expect(toast(ada)).to_contain_text("Your role in this study does not allow this.")
        expect(ada.get_by_label("Note")).to_have_value("half a sentence")
        assert said() == []

    def test_undo_waits_for_what_waits(self, context: BrowserContext, ada: Page, select: Select) -> None:
        tag_without_waiting(ada, select, 4, "On December 7")
        expect(toast(ada)).to_contain_text("Tagged")
        context.set_offline(True)
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_be_visible()
        ada.keyboard.press("Control+z")
        expect(toast(ada)).to_contain_text("The last tags are not saved yet")
        context.set_offline(False)
        expect(ada.locator("#unsent")).to_be_hidden()
        assert len(said()) == 2

    def test_logging_out_asks_and_takes_what_waits_away(
        self, live_server: LiveServer, context: BrowserContext, ada: Page, select: Select
    ) -> None:
        ada.route("**/tags/", lambda route: route.abort())
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#unsent")).to_be_visible()
        answers = iter(["dismiss", "accept"])
        ada.on("dialog", lambda dialog: getattr(dialog, next(answers))())
        ada.get_by_text("ada", exact=True).click()
        ada.get_by_role("button", name="Log out").click()
        assert len(unsent(ada)) == 1
        ada.get_by_role("button", name="Log out").click()
        ada.wait_for_url("**/accounts/login/**")
        assert unsent(ada) == []
        assert said() == []


def test_what_came_into_the_page_is_sent_by_the_script_from_its_first_moment(
    ada: Page, select: Select
) -> None:
    """A key pressed right after an answer must not send the browser to another page."""
    ada.evaluate(
        """new MutationObserver((_, observer) => {
          const undo = document.querySelector("#undo [data-undo]:not([disabled])");
          if (undo) { observer.disconnect(); undo.click(); }
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    tag_without_waiting(ada, select, 4, "two hours")
    expect(toast(ada)).to_contain_text("Undone")
    assert ada.url.endswith(OSW)
    assert said() == []


def log_in_here(page: Page, username: str, password: str = PASSWORD) -> None:
    """Through the form that came into the page."""
    form = page.locator("#login-needed form")
    form.get_by_label("User name").fill(username)
    form.get_by_label("Password").fill(password)
    form.get_by_role("button", name="Log in").click()


class TestLostLogin:
    @pytest.fixture
    def lost(self, context: BrowserContext, ada: Page, select: Select) -> Page:
        """Ada saved a tag with a note after her login had ended."""
        select(ada, 4, "two hours")
        ada.get_by_label("Note").fill("half a sentence")
        context.clear_cookies(name="sessionid")
        tag(ada)
        expect(ada.locator("#login-needed")).to_contain_text("You are logged out. Nothing is lost.")
        return ada

    def test_the_login_form_comes_into_the_page_and_the_tag_is_saved_after_it(
        self, lost: Page, no_violation: Callable[[Page], None]
    ) -> None:
        form = lost.locator("#login-needed form")
        expect(form.get_by_label("User name")).to_have_value("ada")
        expect(form.get_by_label("Password")).to_be_focused()
        expect(lost.get_by_label("Note")).to_have_value("half a sentence")
        expect(lost.locator("#unsent")).to_contain_text(
            "1 tag of ada waits; it is saved when ada has logged in."
        )
        no_violation(lost)
        log_in_here(lost, "ada", "wrong")
        expect(lost.locator("#login-needed")).to_contain_text("Please enter a correct username and password")
        expect(form.get_by_label("Password")).to_be_focused()
        log_in_here(lost, "ada")
        expect(toast(lost)).to_contain_text("Tagged as Minsk agreements.")
        expect(lost.locator("#unsent")).to_be_hidden()
        assert said() == [("two hours", "support", "half a sentence")]
        # The page goes on as it was, under the new login.
        lost.keyboard.press("Control+z")
        expect(toast(lost)).to_contain_text("Undone")

    def test_what_is_changed_in_the_form_before_the_login_is_what_is_saved(self, lost: Page) -> None:
        lost.get_by_label("Note").fill("a whole sentence")
        log_in_here(lost, "ada")
        expect(toast(lost)).to_contain_text("Tagged")
        assert said() == [("two hours", "support", "a whole sentence")]

    def test_nothing_is_saved_under_another_name(
        self, live_server: LiveServer, lost: Page, shipped: Study
    ) -> None:
        ben = User.objects.create_user("ben", password=PASSWORD)
        Membership.objects.create(study=shipped, user=ben, role=Role.CODER.value)
        log_in_here(lost, "ben")
        expect(lost.locator("#login-needed")).to_contain_text(
            "ben is logged in now, and this page is somebody else’s. Nothing is lost."
        )
        expect(lost.locator("#unsent")).to_contain_text("1 tag of ada waits")
        assert not Annotation.objects.filter(coder=ben).exists()
        assert said() == []
        log_in_here(lost, "ada")
        expect(toast(lost)).to_contain_text("Tagged")
        assert said() == [("two hours", "support", "half a sentence")]

    def test_a_page_is_not_used_under_another_name_that_logged_in_elsewhere(
        self, live_server: LiveServer, context: BrowserContext, ada: Page, select: Select, log_in: LogIn
    ) -> None:
        elsewhere = context.new_page()
        log_in(elsewhere, "cora")
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#login-needed")).to_contain_text("cora is logged in now")
        assert not Annotation.objects.filter(coder__username__in=["ada", "cora"]).exists()
        # Cora's own pages know nothing of what Ada has not saved.
        elsewhere.goto(live_server.url + OSW)
        expect(elsewhere.locator("#unsent")).to_be_hidden()
        log_in_here(ada, "ada")
        expect(toast(ada)).to_contain_text("Tagged")
        assert len(said()) == 1

    def test_a_login_in_another_window_rotates_the_token_and_nothing_is_refused(
        self, context: BrowserContext, ada: Page, select: Select, log_in: LogIn
    ) -> None:
        elsewhere = context.new_page()
        log_in(elsewhere, "ada")
        tag_without_waiting(ada, select, 4, "two hours")
        expect(toast(ada)).to_contain_text("Tagged")
        assert len(said()) == 1

    def test_cookies_that_are_gone_are_no_more_than_a_lost_login(
        self, context: BrowserContext, ada: Page, select: Select
    ) -> None:
        context.clear_cookies()
        tag_without_waiting(ada, select, 4, "two hours")
        expect(ada.locator("#login-needed")).to_be_visible()
        log_in_here(ada, "ada")
        expect(toast(ada)).to_contain_text("Tagged")
        assert len(said()) == 1

    def test_what_else_was_asked_for_is_done_after_the_login(
        self, context: BrowserContext, ada: Page, select: Select
    ) -> None:
        tag_without_waiting(ada, select, 4, "two hours")
        expect(toast(ada)).to_contain_text("Tagged")
        context.clear_cookies(name="sessionid")
        ada.keyboard.press("Control+z")
        expect(ada.locator("#login-needed")).to_be_visible()
        log_in_here(ada, "ada")
        expect(toast(ada)).to_contain_text("Undone")
        assert said() == []

    def test_a_reload_keeps_what_waits_for_a_login(self, live_server: LiveServer, lost: Page) -> None:
        lost.reload()
        lost.wait_for_url("**/accounts/login/**")
        lost.get_by_label("User name").fill("ada")
        lost.get_by_label("Password").fill(PASSWORD)
        lost.get_by_role("main").get_by_role("button", name="Log in").click()
        expect(toast(lost)).to_contain_text("Tagged as Minsk agreements.")
        assert said() == [("two hours", "support", "half a sentence")]
