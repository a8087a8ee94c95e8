"""Reading while coding, by a person: windows of a long document, marks that say what they stand for, the
filter, the codebook beside the text, a topic's other quotes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.models import Annotation, Completion, Membership, Study, User
from benchmarks.study import build_study
from tests.browser.acts import choose, tag
from tests.browser.conftest import OSW, Watched
from tests.factories import PASSWORD, make_tag, values

LONG = "/studies/large/code/document-one/"
LogIn = Callable[[Page, str], None]
Select = Callable[[Page, int, str], None]
Check = Callable[[Page], None]

LOADED = "() => [...document.querySelectorAll('.passage')].map((p) => Number(p.dataset.passage))"


@pytest.fixture
def large(transactional_db: None) -> Study:
    """Two documents of 300 passages; a part of the tags are ``ada``'s."""
    study = build_study("large", passages=300, annotations=1200)
    Completion.objects.all().delete()
    ada = User.objects.create_user("ada", password=PASSWORD)
    Membership.objects.create(study=study, user=ada, role="coder")
    Annotation.objects.filter(coder__username="large-coder-1").update(coder=ada)
    return study


@pytest.fixture
def overlapping(shipped: Study) -> list[Annotation]:
    """Three quotes of ada's, each inside the other, in passage 4."""
    ada = User.objects.get(username="ada")
    topics = [topic.slug for topic in shipped.topics.taggable()[:3]]
    quotes = ("a virtual US-Russian summit took place", "US-Russian summit took", "summit")
    stances = [stance.slug for stance in shipped.stances.order_by("position")[:3]]
    sources = [source.slug for source in shipped.sources.order_by("position")[1:4]]
    tags = []
    for quote, topic, stance, source in zip(quotes, topics, stances, sources, strict=True):
        start = values(shipped, quotes[0], "osw", topic=topic, stance=stance, source=source)[1].start
        inner = start + quotes[0].index(quote)
        assert inner >= start
        tags.append(make_tag(shipped, ada, quote, "osw", topic=topic, stance=stance, source=source))
    return tags


# --- long documents -------------------------------------------------------------------------------------


def test_a_long_document_is_loaded_as_one_reads(
    live_server: LiveServer, page: Page, large: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + LONG)
    assert page.evaluate(LOADED) == list(range(1, 61))
    while page.locator("[data-more=later]").count():
        before = page.locator(".passage").count()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("n => document.querySelectorAll('.passage').length > n", arg=before)
    assert page.evaluate(LOADED) == list(range(1, 301))


def test_what_comes_before_does_not_move_what_one_reads(
    live_server: LiveServer, page: Page, large: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    where = "document.querySelector('#p121').getBoundingClientRect().top"
    page.add_init_script(
        f"document.addEventListener('htmx:beforeSwap', () => {{ window.before ??= {where} }})"
    )
    page.goto(live_server.url + LONG + "?from=121")
    page.wait_for_function("() => document.querySelector('#p61')")
    page.wait_for_timeout(300)
    assert abs(page.evaluate(where) - page.evaluate("window.before")) < 2
    # On to the beginning, by the wheel: no passage is skipped, none comes twice.
    page.mouse.move(700, 500)
    for _ in range(60):
        page.mouse.wheel(0, -1500)
        page.wait_for_timeout(60)
        if page.evaluate("scrollY") == 0 and page.locator("[data-more=earlier]").count() == 0:
            break
    assert page.evaluate(LOADED)[:121] == list(range(1, 122))


def test_the_map_leads_to_a_place_that_is_not_loaded_and_shows_where_one_is(
    live_server: LiveServer, page: Page, large: Study, log_in: LogIn, select: Select
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + LONG)
    page.evaluate("window.stays = true")
    first = page.locator("#p3 .run").inner_text().split(" ")
    select(page, 3, " ".join(first[:4]))
    block = page.get_by_role("link", name="Passages 151 to 165")
    expect(block).to_have_accessible_name("Passages 151 to 165, " + _tags(large, 151, 165))
    block.click()
    expect(page.locator("#p151")).to_be_in_viewport()
    expect(page.locator("#map-151")).to_have_class("here")
    expect(page.locator("#map-1")).not_to_have_class("here")
    assert 151 in page.evaluate(LOADED)
    assert page.evaluate("window.stays") is True
    # What was in hand is still in the form.
    expect(page.locator("#tagform [data-quote]")).to_have_text(" ".join(first[:4]))


def _tags(study: Study, first: int, last: int) -> str:
    mine = Annotation.objects.filter(
        coder__username="ada",
        document__slug="document-one",
        passage__number__gte=first,
        passage__number__lte=last,
    )
    return f"{mine.count()} tags"


def test_a_save_draws_its_block_of_the_map_anew(
    live_server: LiveServer, page: Page, large: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + LONG)
    block = page.locator("#map-1 a")
    expect(block).to_have_accessible_name("Passages 1 to 15, " + _tags(large, 1, 15))
    page.get_by_role("link", name="Take passage 2 in hand").click()
    page.locator("#tagform .combo:visible").first.wait_for()
    choose(page, "Topic", "topic 1.1", "Topic 1.1")
    page.get_by_role("radio", name="Mixed").check(force=True)
    choose(page, "Source", "source 3", "Source 3")
    before = _tags(large, 1, 15)
    page.get_by_role("button", name="Save tag").click()
    expect(page.locator("#toast")).to_contain_text("Tagged")
    assert _tags(large, 1, 15) != before
    expect(block).to_have_accessible_name("Passages 1 to 15, " + _tags(large, 1, 15))


def test_a_link_to_a_passage_and_a_key_that_needs_one_find_it(
    live_server: LiveServer, page: Page, large: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + LONG + "#p250")
    expect(page.locator("#p250")).to_be_in_viewport()
    for number in (290, 1, 61):
        page.evaluate(
            """number => new Promise((found) => document.dispatchEvent(new CustomEvent("bench:needs-passage",
                 { detail: { number, then: () => found() } })))""",
            number,
        )
        assert number in page.evaluate(LOADED)


def test_a_long_document_is_read_and_tagged_without_javascript(
    live_server: LiveServer, browser: Browser, large: Study, log_in: LogIn
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + LONG)
    page.get_by_role("link", name="Later passages, from 61").click()
    page.get_by_role("link", name="Show where the tags lie").click()
    expect(page.get_by_role("link", name="Passages 286 to 300")).to_have_accessible_name(
        "Passages 286 to 300, " + _tags(large, 286, 300)
    )
    page.get_by_role("link", name="Passages 286 to 300").click()
    page.get_by_role("link", name="Take passage 290 in hand").click()
    page.get_by_label("Topic").first.select_option("topic-0-0")
    page.get_by_role("radio", name="Mixed").check(force=True)
    page.get_by_label("Source").select_option("source-3")
    page.get_by_role("button", name="Save tag").click()
    page.wait_for_url("**at=290#p290")
    expect(page.locator("#p290")).to_be_in_viewport()
    page.locator("#only-topic").select_option("topic-0-0")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#filter-state")).to_contain_text("shown")
    context.close()


# --- what a mark stands for -----------------------------------------------------------------------------


def test_a_mark_says_what_it_stands_for_under_the_pointer_and_in_the_focus(
    live_server: LiveServer, page: Page, overlapping: list[Annotation], log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    tip, inner = page.get_by_role("tooltip"), page.locator(f"#q-{overlapping[2].public_id}")
    inner.hover()
    lines = tip.get_by_role("listitem")
    expect(lines).to_have_count(3)
    for line, tag_made in zip(lines.all(), overlapping, strict=True):
        for word in (
            tag_made.stance.sign,
            tag_made.stance.label,
            tag_made.topic.label,
            tag_made.source.label,
        ):
            expect(line).to_contain_text(word)
    # One may point at it, and send it away.
    tip.hover()
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    inner.focus()
    expect(tip).to_be_visible()
    said = " ".join(f"{one.stance.label} · {one.topic.label} · {one.source.label}" for one in overlapping)
    expect(inner).to_have_accessible_description(said)
    page.locator("#p6 .pno").focus()
    expect(tip).to_be_hidden()


def test_quotes_three_deep_lie_in_three_lanes(
    live_server: LiveServer, page: Page, overlapping: list[Annotation], log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    drawn = page.locator(f"#q-{overlapping[2].public_id}").evaluate(
        """mark => { const css = getComputedStyle(mark);
             return ["--l0", "--l1", "--l2"].map((name) => css.getPropertyValue(name).trim() !== "none") }"""
    )
    assert drawn == [True, True, True]
    strokes = {
        page.locator(f"#q-{one.public_id}").get_attribute("data-marks"): one.stance.sign
        for one in overlapping
    }
    assert all(sign == mark for mark, sign in strokes.items())
    assert len(strokes) == 3


@pytest.mark.parametrize("media", ["forced", "contrast", "dark"])
def test_the_lanes_are_there_in_every_mode(
    live_server: LiveServer, browser: Browser, overlapping: list[Annotation], log_in: LogIn, media: str
) -> None:
    """The strokes differ in form, not in colour alone, and are drawn where the system chooses the colours."""
    options = {
        "forced": {"forced_colors": "active"},
        "contrast": {"contrast": "more"},
        "dark": {"color_scheme": "dark"},
    }
    context = browser.new_context(viewport={"width": 1440, "height": 900}, **options[media])
    page = context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    images = page.locator(f"#q-{overlapping[2].public_id}").evaluate(
        "mark => getComputedStyle(mark).backgroundImage.split(/, (?=repeating|linear)/)"
    )
    assert len(images) == 3
    assert len({image.split("(")[0] + image.split(")")[-2][-12:] for image in images}) >= 2
    sign = "mark => getComputedStyle(mark, '::before').content"
    assert overlapping[2].stance.sign in page.locator(f"#q-{overlapping[2].public_id}").evaluate(sign)
    context.close()


def test_nothing_moves_where_motion_is_not_wanted(
    live_server: LiveServer, browser: Browser, overlapping: list[Annotation], log_in: LogIn
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.get_by_role("button", name="Codebook").click()
    page.get_by_text("The summit produced a breakthrough.").wait_for()
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
      const css = getComputedStyle(one);
      const zero = (times) => times.split(", ").every((time) => parseFloat(time) === 0);
      return !zero(css.transitionDuration) || !zero(css.animationDuration) || css.scrollBehavior === "smooth";
    }).map((one) => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(moving) == []
    context.close()


def test_the_next_tag_is_a_key_away_and_says_what_it_stands_for(
    live_server: LiveServer, page: Page, overlapping: list[Annotation], log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.keyboard.press(".")
    mark = page.locator(f"#q-{overlapping[0].public_id}")
    expect(mark).to_be_focused()
    expect(page.get_by_role("tooltip")).to_contain_text(overlapping[0].topic.label)


def test_print_holds_the_text_its_lines_and_the_tags_and_nothing_to_press(
    live_server: LiveServer, page: Page, overlapping: list[Annotation], log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.emulate_media(media="print")
    for gone in ("#panel", "#map", ".top", ".docbar form", "[data-opens-codebook]", "#filter select"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator("#p4 .run")).to_be_visible()
    expect(page.locator("#p4 > .tag-words")).to_be_visible()
    expect(page.locator("#p4 > .tag-words li")).to_have_count(3)
    expect(page.locator("#p14 .run")).to_be_visible()


# --- the filter -----------------------------------------------------------------------------------------


def test_a_filter_changes_the_text_and_leaves_a_half_filled_form(
    live_server: LiveServer, page: Page, overlapping: list[Annotation], log_in: LogIn, select: Select
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.evaluate("window.stays = true")
    select(page, 5, "escalation of tensions")
    page.get_by_label("Note").fill("half a sentence")
    page.locator("#only-topic").focus()
    page.locator("#only-topic").select_option(overlapping[1].topic.slug)
    expect(page.locator("#filter-state")).to_contain_text("1 tag shown.")
    expect(page.locator("mark.q")).to_have_count(1)
    expect(page.locator("#map rect[class^=f-]")).to_have_count(1)
    expect(page.locator("#only-topic")).to_be_focused()
    expect(page.get_by_label("Note")).to_have_value("half a sentence")
    expect(page.locator("#tagform [data-quote]")).to_have_text("escalation of tensions")
    assert f"topic={overlapping[1].topic.slug}" in page.url
    # What is saved under it comes back under it, and says so.
    tag(page)
    expect(page.locator("#toast")).to_contain_text("The filter hides it in the text.")
    expect(page.locator("#p5 mark")).to_have_count(0)
    page.locator("[data-unfilter]").click()
    expect(page.locator("#p5 mark")).to_have_count(1)
    expect(page.locator("mark.q")).not_to_have_count(1)
    expect(page.locator("#filter-state")).to_have_text("")
    assert page.evaluate("window.stays") is True


def test_everybodys_tags_are_asked_for_in_place(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    expect(page.locator("mark.q")).to_have_count(0)
    page.locator("#only-coder").select_option("*")
    page.locator("#p7 mark").first.wait_for()
    # The links of the page know it, though they were made before.
    page.locator("#p7 .tally").click()
    expect(page.locator("#tags .tag").first).to_be_visible()


# --- the codebook beside the text -----------------------------------------------------------------------


def test_the_codebook_opens_beside_the_text_and_finds_words(
    live_server: LiveServer, page: Page, shipped: Study, log_in: LogIn, select: Select, no_violation: Check
) -> None:
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    select(page, 4, "two hours")
    page.keyboard.press("b")
    drawer = page.locator("#codebook-drawer")
    expect(drawer.get_by_role("searchbox")).to_be_focused()
    expect(drawer).to_contain_text("The summit produced a breakthrough.")
    expect(drawer).to_contain_text("Guidelines")
    no_violation(page)
    text, side = page.locator("#p4 .run").bounding_box(), drawer.bounding_box()
    assert text
    assert side
    assert text["x"] + text["width"] <= side["x"]
    drawer.get_by_role("searchbox").fill("minsk")
    expect(drawer.get_by_text("Minsk agreements", exact=True)).to_be_visible()
    expect(drawer.get_by_text("The summit produced a breakthrough.")).to_be_hidden()
    drawer.get_by_role("searchbox").fill("xyzzy")
    expect(drawer).to_contain_text("Nothing here holds these words.")
    # Pressing in the text leaves it open; Escape closes it and gives the focus back.
    page.locator("#p6 .run").click(position={"x": 200, "y": 5})
    expect(drawer).to_be_visible()
    drawer.get_by_role("searchbox").focus()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.locator("#tagform [data-quote]")).to_have_text("two hours")


def test_on_a_phone_the_codebook_is_a_sheet_that_closes(
    live_server: LiveServer, phone: Page, log_in: LogIn, no_violation: Check
) -> None:
    log_in(phone, "ada")
    phone.goto(live_server.url + OSW)
    phone.get_by_role("button", name="Codebook").click()
    drawer = phone.locator("#codebook-drawer")
    expect(drawer).to_contain_text("The summit produced a breakthrough.")
    box = drawer.bounding_box()
    assert box
    assert (box["width"], box["height"]) == (390, 844)
    no_violation(phone)
    phone.get_by_role("button", name="Close the codebook").click()
    expect(drawer).to_be_hidden()


# --- a topic's other quotes -----------------------------------------------------------------------------


def test_a_topics_other_quotes_unfold_follow_the_topic_and_lead_to_their_places(
    live_server: LiveServer, page: Page, overlapping: list[Annotation], log_in: LogIn, select: Select
) -> None:
    ada = User.objects.get(username="ada")
    far = make_tag(overlapping[0].study, ada, "deterrent effect", "osw", topic="minsk", source="biden")
    log_in(page, "ada")
    page.goto(live_server.url + OSW)
    page.evaluate("window.stays = true")
    select(page, 4, "two hours")
    fold = page.locator("#neighbours")
    fold.locator("summary").click()
    expect(fold).to_contain_text("Choose a topic to see them.")
    choose(page, "Topic", "minsk", "Minsk agreements")
    expect(fold.get_by_role("link")).to_have_text(["deterrent effect"])
    fold.get_by_role("link").click()
    expect(page.locator(f"mark.lit[data-tags~='{far.public_id}']")).to_be_in_viewport()
    assert page.evaluate("window.stays") is True
    # It stays unfolded after a save, for the next tag.
    page.get_by_role("radio", name="Supports").check(force=True)
    choose(page, "Source", "biden", "Joe Biden")
    page.get_by_role("button", name="Save tag").click()
    expect(page.locator("#toast")).to_contain_text("Tagged")
    select(page, 4, "Eric Green")
    choose(page, "Topic", "minsk", "Minsk agreements")
    expect(fold.get_by_role("link")).to_have_text(["two hours", "deterrent effect"])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1100, 390])
def test_a_long_document_breaks_no_rule_and_does_not_scroll_sideways(
    live_server: LiveServer,
    watched: Watched,
    large: Study,
    log_in: LogIn,
    no_violation: Check,
) -> None:
    page = watched.page
    log_in(page, "ada")
    for query in ("?from=61&shown=all", "?topic=topic-0-0&passage=99"):
        page.goto(live_server.url + LONG + query)
        page.locator("#map rect[class^=f-]").first.wait_for(state="attached")
        no_violation(page)
        watched.fits(query)
    watched.is_quiet()
