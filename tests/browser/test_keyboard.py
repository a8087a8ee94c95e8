"""The workbench by keyboard alone, by mouse alone and by touch alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from annotations.enums import Role
from annotations.models import Annotation, PassageVisit, Study, User
from annotations.services.keys import DEFAULT_KEYS, change_keys
from tests.browser.conftest import OSW, Watched
from tests.factories import make_document, make_member, make_study, make_tag

S = "/studies/biden-putin-2021/code/"
LogIn = Callable[[Page, str], None]
Check = Callable[[Page], None]
Select = Callable[[Page, int, str], None]

#: Counts what is pressed, before anything else sees it.
MINSK = re.compile("^Minsk agreements")
COUNT = "window.pressed = 0; addEventListener('keydown', () => { window.pressed += 1 }, true)"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def in_hand(page: Page) -> str:
    """The quote in hand; nothing where the form is empty. Keys that wait for the server come first."""
    page.evaluate("SummitBench.busy()")
    form = page.locator("#tagform")
    is_empty = "is-empty" in (form.get_attribute("class") or "")
    return "" if is_empty else form.locator("[data-quote]").inner_text()


def holds(page: Page, words: str) -> None:
    """Waits until exactly these words are in hand."""
    page.wait_for_function(
        "words => document.querySelector('#tagform:not(.is-empty) [data-quote]')?.textContent === words",
        arg=words,
        timeout=5000,
    )


def said(page: Page, words: str) -> None:
    expect(page.locator("#announcer")).to_contain_text(words)


def saved(page: Page, count: int) -> None:
    """Waits until so many tags are stored, and the page shows the last one's message."""
    expect(page.locator("#progress")).to_contain_text(f"{count} tag")
    expect(page.locator("#tagform.is-empty, #tagform[data-start]:not([data-start=''])")).to_have_count(1)


def rows() -> list[tuple[object, ...]]:
    """What Ada tagged, whole, in the order in which it was made."""
    return list(
        Annotation.objects.filter(coder__username="ada")
        .order_by("id")
        .values_list(
            "document__slug",
            "passage__number",
            "quote",
            "topic__slug",
            "stance__slug",
            "source__slug",
            "reported_by__slug",
            "uncertain",
            "note",
            "layer",
            "version",
            "withdrawn_at",
        )
    )


def row(
    quote: str,
    passage: int,
    topic: str,
    stance: str,
    source: str,
    by: str | None = None,
    *,
    uncertain: bool = False,
    note: str = "",
) -> tuple[object, ...]:
    return ("osw", passage, quote, topic, stance, source, by, uncertain, note, "coded", 1, None)


def sentence(study: Study, passage: int, begins: str, ends: str) -> str:
    text = study.documents.get(slug="osw").passages.get(number=passage).text
    start = text.index(begins)
    return text[start : text.index(ends, start) + len(ends)]


def test_five_annotations_are_coded_without_a_mouse(bench: Page, shipped: Study) -> None:
    page = bench
    # The next passage to code, its first sentence; every field by what is typed.
    press(page, "g")
    expect(page.locator("#p4 .pno")).to_be_focused()
    press(page, "l", "Enter")
    page.keyboard.type("minsk")
    press(page, "Enter", "s")
    page.keyboard.type("bidn")
    press(page, "Enter", "Enter")
    saved(page, 1)
    # The next sentence, shorter by a word at both ends; a messenger, a note, uncertain.
    press(page, "l", "]", "{", "Enter")
    page.keyboard.type("guarantee")
    press(page, "Enter", "n")
    page.keyboard.type("author")
    press(page, "Enter", "r")
    page.keyboard.type("Ushakov")
    press(page, "Enter", "u", "e")
    page.keyboard.type("half a sentence")
    press(page, "Control+Enter")
    saved(page, 2)
    # All of the last tag once more, on the whole of the next passage.
    press(page, "j", "v", "=", "Enter")
    saved(page, 3)
    # Words; the source of the last tag, the topic from those used last.
    press(page, "k", "w", "w", "}", "a", "ArrowDown", "Enter", "o", "Enter")
    saved(page, 4)
    # The same words again, under another topic.
    press(page, "a")
    page.keyboard.type("nord")
    press(page, "Enter", "m", "Enter")
    saved(page, 5)

    first = sentence(shipped, 4, "On December 7", "two hours.")
    second = sentence(shipped, 4, "US president was", "among")
    whole = shipped.documents.get(slug="osw").passages.get(number=5).text
    guarantees = Annotation.objects.filter(coder__username="ada").order_by("id")[1].topic.slug
    nord = Annotation.objects.filter(coder__username="ada").order_by("id")[4].topic.slug
    assert "guarantee" in guarantees
    assert "nord" in nord
    assert rows() == [
        row(first, 4, "minsk", "support", "biden"),
        row(second, 4, guarantees, "neutral", "author", "ushakov", uncertain=True, note="half a sentence"),
        row(whole, 5, guarantees, "neutral", "author", "ushakov"),
        row("December 7", 4, "minsk", "oppose", "author", "ushakov"),
        row("December 7", 4, nord, "mixed", "author", "ushakov"),
    ]


def test_an_annotation_takes_at_most_eight_key_presses(bench: Page, shipped: Study) -> None:
    page = bench
    ada = User.objects.get(username="ada")
    make_tag(shipped, ada, "a virtual US-Russian summit", "osw", topic="minsk", source="biden")
    make_tag(shipped, ada, "The presidential adviser", "osw", topic="troops", source="putin")
    page.add_init_script(COUNT)
    page.reload()
    assert page.evaluate("pressed") == 0
    # The next passage to code, its first sentence; the topic used before the last one, the source used last.
    press(page, "g")
    expect(page.locator("#p5 .pno")).to_be_focused()
    press(page, "l", "Enter", "ArrowDown", "Enter", "o", "Enter", "Enter")
    saved(page, 3)
    assert page.evaluate("pressed") <= 8
    first = sentence(shipped, 5, "According to the communiqués", "conflict.")
    assert rows()[2] == row(first, 5, "minsk", "oppose", "putin")
    # With the last tag once more, three.
    page.evaluate("window.pressed = 0")
    press(page, "l", "=", "Enter")
    saved(page, 4)
    assert page.evaluate("pressed") == 3
    assert rows()[3][3:6] == ("minsk", "oppose", "putin")


# --- every key of the help does what it says ------------------------------------------------------------


#: What is to be seen after a key: it waits for it, or fails.
Seen = Callable[[Page, Study], None]


def focused(selector: str) -> Seen:
    return lambda page, _: expect(page.locator(selector)).to_be_focused()


def visible(selector: str) -> Seen:
    return lambda page, _: expect(page.locator(selector)).to_be_visible()


def held(passage: int, begins: str, ends: str) -> Seen:
    return lambda page, study: holds(page, sentence(study, passage, begins, ends))


def whole(passage: int) -> Seen:
    return lambda page, study: holds(page, study.documents.get(slug="osw").passages.get(number=passage).text)


def opened(name: str) -> Seen:
    def check(page: Page, study: Study) -> None:
        expect(page.get_by_role("combobox", name=name)).to_be_focused()
        expect(page.get_by_role("listbox", name=name)).to_be_visible()

    return check


def at_document(slug: str) -> Seen:
    return lambda page, _: page.wait_for_url(f"**/code/{slug}/**")


def at_tag(words: str) -> Seen:
    def check(page: Page, study: Study) -> None:
        expect(page.locator("mark.lit")).to_have_text(words)
        expect(page.locator("mark.lit")).to_be_focused()
        expect(page.locator("#tags")).to_contain_text("Tags in passage 4")

    return check


def filled(**values: str) -> Seen:
    def check(page: Page, study: Study) -> None:
        for name in ("topic", "source", "reported_by"):
            expect(page.locator(f"#tagform select[name={name}]")).to_have_value(values.get(name, ""))

    return check


def uncertain(page: Page, study: Study) -> None:
    expect(page.get_by_label("Uncertain")).to_be_checked()
    said(page, "Uncertain")


def nothing_here(page: Page, study: Study) -> None:
    expect(page.locator("#acts-5")).to_contain_text("take back")
    assert PassageVisit.objects.get(nothing_here_at__isnull=False).passage.number == 5


def saved_and_again(page: Page, study: Study) -> None:
    saved(page, 3)
    holds(page, "Analyses")
    assert rows()[-1][2:7] == ("Analyses", "troops", "support", "putin", "ushakov")
    filled(source="putin", reported_by="ushakov")(page, study)


TO_P4 = ("j",) * 4
TO_P5 = ("j",) * 5
#: The second sentence of passage 4: "The US president was … among others."
SECOND = (*TO_P4, "l", "l")
#: For each act what is pressed before it, and what is to be seen after it.
EFFECTS: dict[str, tuple[tuple[str, ...], Seen]] = {
    "next_passage": (("j",), focused("#p2 .pno")),
    "previous_passage": (("j", "j"), focused("#p1 .pno")),
    "next_sentence": (("g", "l"), held(5, "According to the Americans", "to Putin.")),
    "previous_sentence": (("g",), held(4, "The presidential adviser", "perspective.")),
    "next_word": (("g", "w"), held(5, "to", "to")),
    "previous_word": (("g", "w", "w"), held(5, "According", "According")),
    "next_untagged": (TO_P5, focused("#p6 .pno")),
    "next_tag": ((".",), at_tag("Jake Sullivan")),
    "previous_tag": ((".", "."), at_tag("two hours")),
    "next_document": ((), at_document("pir-center")),
    "previous_document": ((), lambda page, _: said(page, "There is no other document there.")),
    "whole_passage": (("g",), whole(5)),
    "start_back": (SECOND, held(4, "hours. The US president", "among others.")),
    "start_on": (SECOND, held(4, "US president was", "among others.")),
    "end_back": (SECOND, held(4, "The US president", "among")),
    "end_on": (SECOND, held(4, "The US president", "others. After")),
    "end_sentence_back": ((*SECOND, "L"), held(4, "The US president", "among others.")),
    "end_sentence_on": (SECOND, held(4, "The US president", "Psaki.")),
    "topic": (("l",), opened("Topic")),
    "source": (("l",), opened("Source")),
    "reported_by": (("l",), opened("Reported by")),
    "note": (("l",), focused("#note")),
    "uncertain": (("l",), uncertain),
    "carry_over": (("l",), filled(reported_by="ushakov")),
    "same_source": (("l",), filled(source="putin", reported_by="ushakov")),
    "repeat_last": (("l",), filled(topic="troops", source="putin", reported_by="ushakov")),
    "nothing_here": (TO_P5, nothing_here),
    "save_again": (("l", "="), saved_and_again),
    "codebook": ((), visible("#codebook-drawer")),
    "help": ((), visible("#keys")),
}


def test_every_act_of_the_help_is_checked_below() -> None:
    assert set(EFFECTS) == set(DEFAULT_KEYS)


@pytest.mark.parametrize("act", EFFECTS)
def test_every_key_of_the_help_does_what_it_says(bench: Page, shipped: Study, act: str) -> None:
    ada = User.objects.get(username="ada")
    make_tag(shipped, ada, "two hours", "osw", topic="minsk", source="biden")
    make_tag(shipped, ada, "Jake Sullivan", "osw", topic="troops", source="putin", reported_by="ushakov")
    bench.reload()
    key = bench.locator(f"#keys kbd[data-act={act}]").text_content() or ""
    assert key == DEFAULT_KEYS[act]
    before, seen = EFFECTS[act]
    press(bench, *before, key)
    seen(bench, shipped)


def test_the_other_document_leads_there_and_back(live_server: LiveServer, bench: Page) -> None:
    press(bench, "D")
    said(bench, "There is no other document there.")
    press(bench, "d")
    bench.wait_for_url("**/code/pir-center/**")
    press(bench, "D")
    bench.wait_for_url("**/code/osw/**")
    press(bench, "d")
    bench.wait_for_url("**/code/pir-center/**")
    # From the last document, the one before.
    press(bench, "d")
    bench.wait_for_url("**/code/osw/**")


def test_no_key_does_anything_while_one_types(live_server: LiveServer, bench: Page) -> None:
    page, keys = bench, "".join(DEFAULT_KEYS.values()) + "smno"
    press(page, "g", "l")
    quote, address = in_hand(page), page.url
    for field in (page.get_by_role("combobox", name="Topic"), page.get_by_label("Note")):
        field.focus()
        page.keyboard.type(keys)
        expect(field).to_have_value(keys)
        expect(field).to_be_focused()
    page.get_by_role("combobox", name="Tags of").or_(page.locator("#only-topic")).first.focus()
    page.keyboard.type("jlxd")
    page.get_by_role("button", name="Codebook").click()
    search = page.locator("#codebook-drawer input").first
    search.focus()
    page.keyboard.type(keys)
    expect(search).to_have_value(keys)
    assert (in_hand(page), page.url.split("?")[0]) == (quote, address)
    expect(page.locator("#keys")).to_be_hidden()
    assert page.locator("#tagform input[name=stance]:checked").count() == 0
    assert rows() == []
    assert not PassageVisit.objects.filter(nothing_here_at__isnull=False).exists()


def test_keys_that_were_switched_off_do_nothing_until_they_are_switched_on(bench: Page) -> None:
    page = bench
    press(page, "?")
    page.get_by_label("Single-letter keys on").focus()
    press(page, "Space", "Escape")
    page.reload()
    press(page, "g", "j", "l", "v", "?")
    expect(page.locator("#keys")).to_be_hidden()
    assert in_hand(page) == ""
    # Without them Tab leads to a passage's number, and everything goes on from there.
    page.locator("#p4 .pno").focus()
    press(page, "Enter")
    page.locator("#tagform [data-quote]").get_by_text("On December 7").wait_for()
    page.get_by_role("button", name="Keyboard help").focus()
    press(page, "Enter")
    # The key waited for the passage to be taken in hand.
    expect(page.locator("#keys")).to_be_visible()
    page.get_by_label("Single-letter keys on").focus()
    press(page, "Space", "Escape")
    press(page, "l")
    expect(page.locator("#tagform [data-quote]")).to_contain_text("According to the communiqués")


def test_changed_keys_hold_after_a_reload_and_the_old_ones_do_nothing(
    live_server: LiveServer, bench: Page
) -> None:
    page = bench
    page.goto(live_server.url + "/accounts/keys/")
    page.get_by_label("next passage", exact=True).fill("y")
    page.get_by_label("topic", exact=True).fill("z")
    page.get_by_role("button", name="Save keys").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Your keys are saved.")).to_be_visible()
    page.goto(live_server.url + OSW)
    press(page, "j")
    assert page.locator(".passage.current").count() == 0
    press(page, "y", "y")
    expect(page.locator("#p2 .pno")).to_be_focused()
    press(page, "l")
    expect(page.locator("label[for=topic] kbd")).to_have_text("z")
    press(page, "t")
    expect(page.get_by_role("combobox", name="Topic")).not_to_be_focused()
    press(page, "z")
    expect(page.get_by_role("combobox", name="Topic")).to_be_focused()
    press(page, "Escape", "Escape", "?")
    expect(page.locator("#keys kbd[data-act=next_passage]")).to_have_text("y")


def test_a_stance_wins_its_key_and_the_help_says_so(bench: Page) -> None:
    change_keys(by=User.objects.get(username="ada"), keys={"next_passage": "s"})
    page = bench
    page.reload()
    press(page, "s")
    said(page, "Take words in hand first.")
    assert page.locator(".passage.current").count() == 0
    press(page, "l", "s")
    expect(page.locator("#tagform input[value=support]")).to_be_checked()
    press(page, "Escape", "Escape", "?")
    expect(page.locator("#keys div", has_text="next passage").first).to_contain_text(
        "here this key is the stance Supports"
    )


def test_other_layouts_and_caps_lock_do_not_change_what_a_key_is(bench: Page) -> None:
    page = bench
    fire = "(init) => document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...init }))"
    page.evaluate(fire, {"key": "о", "code": "KeyJ"})
    expect(page.locator("#p1 .pno")).to_be_focused()
    page.evaluate(fire, {"key": "J", "code": "KeyJ", "modifierCapsLock": True})
    expect(page.locator("#p2 .pno")).to_be_focused()
    page.evaluate(fire, {"key": "v", "code": "KeyV"})
    whole = in_hand(page)
    page.evaluate(fire, {"key": "Х", "code": "BracketLeft", "shiftKey": True})
    assert in_hand(page) == whole.rsplit(" ", 1)[0]
    # AltGr is how many keyboards write a bracket; Ctrl and a letter are the browser's.
    page.evaluate(
        fire, {"key": "]", "code": "Digit9", "ctrlKey": True, "altKey": True, "modifierAltGraph": True}
    )
    assert in_hand(page) == whole.rsplit(" ", 1)[0].split(" ", 1)[1]
    page.evaluate(fire, {"key": "j", "code": "KeyJ", "ctrlKey": True})
    assert page.locator(".passage.current").get_attribute("id") == "p2"


# --- what is said ---------------------------------------------------------------------------------------


def test_screen_readers_are_told_what_happened(bench: Page, shipped: Study) -> None:
    page = bench
    region = page.locator("#announcer")
    assert region.get_attribute("role") == "status"
    press(page, "k")
    expect(region).to_have_text("Passage 1 of 14, 0 tags")
    press(page, "k")
    expect(region).to_have_text("This is where the document begins.")
    press(page, "g")
    expect(region).to_have_text("Passage 4 of 14, 0 tags")
    press(page, "w")
    expect(region).to_have_text("Quote, 1 word: On")
    press(page, "}", "}")
    expect(region).to_have_text("Quote, 3 words: On December 7")
    press(page, "l", "h")
    expect(region).to_have_text(
        "Quote, 27 words: On December 7, a virtual US-Russian summit took … for about two hours."
    )
    press(page, "t")
    page.keyboard.type("minsk")
    expect(region).to_have_text("2 fit")
    page.keyboard.type("x y z")
    expect(region).to_have_text("Nothing fits")
    page.get_by_role("combobox", name="Topic").fill("Minsk agr")
    press(page, "Enter", "s")
    expect(region).to_have_text("Supports")
    page.keyboard.type("biden")
    press(page, "Enter", "Enter")
    expect(region).to_have_text("Saved. Passage 4 of 14, 1 tag")
    press(page, ".")
    expect(region).to_contain_text("Supports · Minsk agreements · Joe Biden: On December 7, a virtual")
    press(page, ".")
    expect(region).to_have_text("No tag after this one.")
    press(page, "l", "=")
    expect(region).to_have_text("Filled in: Minsk agreements · Supports · Joe Biden. Enter saves.")
    press(page, "Escape", "Escape")
    expect(region).to_have_text("The quote is let go.")
    press(page, "=")
    expect(region).to_have_text("Take words in hand first.")


def test_when_all_is_tagged_the_jump_says_so(
    live_server: LiveServer, page: Page, transactional_db: None, log_in: LogIn
) -> None:
    study = make_study()
    ada = make_member(study, Role.CODER, "ada")
    make_tag(study, ada, "Biden agreed", "east")
    log_in(page, "ada")
    page.goto(live_server.url + "/studies/talks/code/east/")
    press(page, "g")
    said(page, "Passage 2 of 2, 0 tags")
    make_tag(study, ada, "Kyiv", "east")
    press(page, "g")
    said(page, "No passage is left to tag.")


# --- the type-aheads ------------------------------------------------------------------------------------


def test_the_type_ahead_forgives_typos_and_accents_and_looks_everywhere(
    live_server: LiveServer, page: Page, transactional_db: None, log_in: LogIn
) -> None:
    study = make_study()
    make_member(study, Role.CODER, "ada")
    group = study.topics.get(slug="security")
    for position, (slug, label, statement) in enumerate(
        (
            ("lodz", "Łódź meeting", "The meeting should be held in Łódź."),
            ("troops", "Troop movements", "Forces should leave the border."),
            ("gas", "Nord Stream 2", "The pipeline should be stopped at once."),
            ("prisoners", "Przesłuchania", "Ёлкин should be heard."),
        ),
        start=10,
    ):
        study.topics.create(slug=slug, label=label, statement=statement, parent=group, position=position)
    log_in(page, "ada")
    page.goto(live_server.url + "/studies/talks/code/east/")
    press(page, "l", "Enter")
    topic = page.get_by_role("combobox", name="Topic")
    for typed, found in (
        ("lodz", "Łódź meeting"),  # accents left out
        ("łódź", "Łódź meeting"),
        ("przesluchania", "Przesłuchania"),
        ("елкин", "Przesłuchania"),
        ("tropo", "Troop movements"),  # two letters swapped
        ("trop", "Troop movements"),  # one missing
        ("troobs", "Troop movements"),  # another
        ("movemnets bordr", "Troop movements"),  # in two words, one of them of the statement
        ("pipelnie", "Nord Stream 2"),  # two wrong in a long word
        ("gas", "Nord Stream 2"),  # the slug
        ("guarantess", "Guarantees"),
        ("security talks", "Talks"),  # the parent
    ):
        topic.fill(typed)
        expect(page.get_by_role("listbox", name="Topic").get_by_role("option").first).to_contain_text(found)
    for typed in ("gsa", "xyz", "talkative pipe"):  # short words must be right, and all of them must fit
        topic.fill(typed)
        expect(page.get_by_role("listbox", name="Topic")).to_have_count(0)
        expect(page.locator(".no-hit:visible")).to_have_text("Nothing fits")
    # What one typed comes before what is similar to it.
    topic.fill("talk")
    options = page.get_by_role("listbox", name="Topic").get_by_role("option").all_text_contents()
    assert options[0].startswith("Talks")
    # A typo that was left is not taken for a choice, and not thrown away either.
    topic.fill("guarantess")
    page.get_by_label("Note").click()
    expect(topic).to_have_value("guarantess")
    expect(topic).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#topic-value")).to_have_value("")


def test_what_was_used_last_comes_first_and_moves_up_with_every_save(bench: Page, shipped: Study) -> None:
    page = bench
    ada = User.objects.get(username="ada")
    for quote, topic, source, by in (
        ("virtual", "minsk", "biden", "ushakov"),
        ("summit", "troops", "putin", "sullivan"),
        ("protected", "minsk", "sullivan", "ushakov"),
    ):
        make_tag(shipped, ada, quote, "osw", topic=topic, source=source, reported_by=by)
    page.reload()

    def listed(name: str, count: int) -> list[str | None]:
        options = page.get_by_role("listbox", name=name).get_by_role("option")
        return [options.nth(n).get_attribute("data-value") for n in range(count)]

    press(page, "j", "l", "t")
    assert listed("Topic", 2) == ["minsk", "troops"]
    assert page.locator("[role=option]").first.get_attribute("data-heading") == "Used last"
    press(page, "Escape", "Escape", "f")
    assert listed("Source", 3) == ["sullivan", "putin", "biden"]
    press(page, "Escape", "Escape", "r")
    assert listed("Reported by", 3) == ["ushakov", "sullivan", ""]
    press(
        page,
        "Escape",
        "Escape",
        "Enter",
        "ArrowDown",
        "Enter",
        "s",
        "ArrowDown",
        "ArrowDown",
        "Enter",
        "Enter",
    )
    saved(page, 4)
    assert rows()[3][3:7] == ("troops", "support", "biden", None)
    press(page, "l", "t")
    assert listed("Topic", 2) == ["troops", "minsk"]
    press(page, "Escape", "Escape", "f")
    assert listed("Source", 3) == ["biden", "sullivan", "putin"]


# --- Escape, half-filled forms, tags at hand ------------------------------------------------------------


def test_escape_goes_back_one_step_at_a_time(bench: Page) -> None:
    page = bench
    press(page, "j", "l", "Enter")
    expect(page.get_by_role("listbox", name="Topic")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("listbox", name="Topic")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Topic")).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#p1")).to_be_focused()
    assert in_hand(page) != ""
    press(page, "?", "Escape")
    assert in_hand(page) != ""
    press(page, "Escape")
    assert in_hand(page) == ""
    assert page.locator("#tagform [name=start]").input_value() == ""
    # What is chosen stays for the next words.
    press(page, "l", "t")
    page.keyboard.type("minsk")
    press(page, "Enter", "Escape", "Escape", "l")
    expect(page.get_by_role("combobox", name="Topic")).to_have_value("Minsk agreements")


def test_a_jump_to_a_tag_leaves_a_half_filled_form_alone(bench: Page, shipped: Study) -> None:
    page = bench
    make_tag(shipped, User.objects.get(username="ada"), "two hours", "osw", topic="minsk")
    page.reload()
    press(page, "j", "j", "l", "e")
    page.keyboard.type("half a note")
    press(page, "Escape", ".")
    expect(page.locator("mark.lit")).to_be_focused()
    expect(page.locator("#tags")).to_contain_text("Tags in passage 4")
    expect(page.get_by_label("Note")).to_have_value("half a note")
    # From the tag in the text to its row, where it can be changed.
    press(page, "Enter")
    expect(page.locator("#tags .tag-quote")).to_be_focused()
    press(page, "Tab")
    expect(page.get_by_role("link", name="Edit the tag Minsk agreements")).to_be_focused()


def test_a_tag_is_changed_by_keyboard_and_let_go(bench: Page, shipped: Study) -> None:
    page = bench
    make_tag(shipped, User.objects.get(username="ada"), "two hours", "osw", topic="minsk", source="biden")
    page.reload()
    press(page, ".", "Enter")
    expect(page.locator("#tags .tag-quote")).to_be_focused()
    press(page, "Tab", "Enter")
    expect(page.get_by_role("form", name="Change a tag")).to_be_focused()
    press(page, "o", "Enter")
    expect(page.locator("#toast")).to_contain_text("Changed")
    assert Annotation.objects.get(coder__username="ada").stance.slug == "oppose"
    press(page, "k", ".", "Enter")
    expect(page.locator("#tags .tag-quote")).to_be_focused()
    press(page, "Tab", "Enter")
    expect(page.get_by_role("form", name="Change a tag")).to_be_focused()
    # Words of another passage are refused: the tag stays in its own.
    press(page, "j", "l")
    expect(page.get_by_text("A tag stays in its passage.")).to_be_visible()
    page.get_by_role("form", name="Change a tag").focus()
    press(page, "Escape", "Escape")
    expect(page.get_by_role("form", name="New tag")).to_be_visible()


# --- long documents -------------------------------------------------------------------------------------


def test_keys_lead_to_passages_that_are_not_in_the_page_yet(
    live_server: LiveServer, page: Page, transactional_db: None, log_in: LogIn
) -> None:
    study = make_study()
    texts = [f"Passage {n} says a word. Biden spoke of {n}." for n in range(1, 301)]
    make_document(study, "long", *texts)
    ada = make_member(study, Role.CODER, "ada")
    for n in [*range(1, 200), 250]:
        make_tag(study, ada, f"Biden spoke of {n}.", "long")
    log_in(page, "ada")
    page.goto(live_server.url + "/studies/talks/code/long/")
    assert page.locator("#p200").count() == 0
    press(page, "g")
    expect(page.locator("#p200 .pno")).to_be_focused()
    said(page, "Passage 200 of 300, 0 tags")
    press(page, "l")
    holds(page, "Passage 200 says a word.")
    press(page, ".")
    expect(page.locator("mark.lit")).to_have_text("Biden spoke of 250.")
    expect(page.locator("mark.lit")).to_be_focused()
    press(page, ".")
    said(page, "No tag after this one.")
    press(page, ",")
    expect(page.locator("mark.lit")).to_have_text("Biden spoke of 199.")
    page.goto(live_server.url + "/studies/talks/code/long/")
    last = int(page.locator(".passage").last.get_attribute("data-passage") or 0)
    assert last < 300
    page.evaluate("last => SummitBench.arrive(document.getElementById(`p${last}`))", last)
    press(page, "j", "j")
    expect(page.locator(f"#p{last + 2} .pno")).to_be_focused()
    page.goto(live_server.url + "/studies/talks/code/long/?from=100")
    press(page, "j")
    expect(page.locator("#p100 .pno")).to_be_focused()
    press(page, "h", "k")
    expect(page.locator("#p98 .pno")).to_be_focused()
    press(page, "h", "h", "h")
    holds(page, "Biden spoke of 96.")


# --- mouse, touch, rules --------------------------------------------------------------------------------


def word_at(page: Page, passage: int, word: str) -> tuple[float, float]:
    """The middle of a word of a passage, on the screen."""
    box = page.evaluate(
        """([passage, word]) => {
          const run = document.querySelector(`#p${passage} .run`), start = Number(run.dataset.start);
          const at = run.textContent.indexOf(word);
          const box = SummitBench.rangeFor(run, start + at, start + at + word.length).getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        [passage, word],
    )
    return box[0], box[1]


def test_the_same_by_mouse(bench: Page, shipped: Study) -> None:
    page = bench
    make_tag(shipped, User.objects.get(username="ada"), "conversed", "osw", topic="troops", source="putin")
    page.reload()
    page.get_by_role("link", name="Next passage to code").click()
    expect(page.locator("#p5")).to_have_class("passage paragraph current")
    page.mouse.dblclick(*word_at(page, 4, "summit"))
    page.locator("#tagform [data-quote]").get_by_text("summit", exact=True).wait_for()
    page.get_by_role("button", name="A word more at the start").click()
    page.get_by_role("button", name="A word more at the end").click()
    page.get_by_role("button", name="A word more at the end").click()
    page.get_by_role("button", name="A word less at the end").click()
    assert in_hand(page) == "US-Russian summit took"
    page.get_by_role("button", name="Same source").click()
    page.get_by_role("combobox", name="Topic").click()
    page.get_by_role("listbox", name="Topic").get_by_role("option", name=MINSK).click()
    page.get_by_role("radio", name="Supports").click(force=True)
    page.get_by_role("button", name="Save tag").click()
    saved(page, 2)
    page.mouse.dblclick(*word_at(page, 4, "videolink"))
    page.locator("#tagform [data-quote]").get_by_text("videolink", exact=True).wait_for()
    page.get_by_role("button", name="A sentence more at the end").click()
    page.get_by_role("button", name="A sentence more at the end").click()
    page.get_by_role("button", name="A sentence less at the end").click()
    page.get_by_role("button", name="Repeat the last tag").click()
    page.get_by_role("button", name="Save tag").click()
    saved(page, 3)
    assert rows()[1:] == [
        row("US-Russian summit took", 4, "minsk", "support", "putin"),
        row(sentence(shipped, 4, "videolink", "two hours."), 4, "minsk", "support", "putin"),
    ]


def test_the_same_by_touch_on_a_small_screen(
    live_server: LiveServer, phone: Page, log_in: LogIn, select: Select
) -> None:
    log_in(phone, "ada")
    phone.goto(live_server.url + OSW)
    phone.get_by_role("link", name="Next passage to code").tap()
    expect(phone.locator("#p4")).to_have_class("passage paragraph current")
    select(phone, 4, "summit took")
    for name in ("A word more at the start", "A word less at the end"):
        button = phone.get_by_role("button", name=name)
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        button.tap()
    assert in_hand(phone) == "US-Russian summit"
    phone.get_by_role("combobox", name="Topic").tap()
    phone.get_by_role("listbox", name="Topic").get_by_role("option", name=MINSK).tap()
    phone.get_by_role("radio", name="Opposes").tap(force=True)
    phone.get_by_role("combobox", name="Source").tap()
    phone.keyboard.type("bidn")
    phone.get_by_role("listbox", name="Source").get_by_role("option", name="Joe Biden").tap()
    phone.get_by_role("button", name="Save tag").tap()
    saved(phone, 1)
    select(phone, 4, "protected")
    phone.get_by_role("button", name="Repeat the last tag").tap()
    phone.get_by_role("button", name="Save tag").tap()
    saved(phone, 2)
    phone.get_by_role("link", name="Next tag").tap()
    expect(phone.locator("mark.lit")).to_have_count(1)
    assert rows() == [
        row("US-Russian summit", 4, "minsk", "oppose", "biden"),
        row("protected", 4, "minsk", "oppose", "biden"),
    ]
    wider = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_state_of_the_keyboards_way_breaks_a_rule(
    live_server: LiveServer,
    watched: Watched,
    shipped: Study,
    log_in: LogIn,
    no_violation: Check,
) -> None:
    page = watched.page
    log_in(page, "ada")
    make_tag(shipped, User.objects.get(username="ada"), "two hours", "osw", topic="minsk", source="biden")
    page.goto(live_server.url + OSW)
    no_violation(page)  # empty
    press(page, "g", "l")
    no_violation(page)  # in hand
    page.locator("#tagform").evaluate("form => { form.noValidate = true; form.requestSubmit() }")
    expect(page.get_by_text("Choose a stance.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Topic")).to_be_focused()
    said(page, "Not saved: 3 fields are missing.")
    no_violation(page)  # refused
    press(page, "Escape", "Enter")
    no_violation(page)  # the list open, with what was used last
    page.keyboard.type("minks")
    no_violation(page)  # similar
    page.keyboard.type(" zzzz")
    no_violation(page)  # nothing fits
    page.get_by_role("combobox", name="Topic").fill("minsk agr")
    press(page, "Enter")
    no_violation(page)  # the stances wait for a key
    press(page, "s", "Enter")
    no_violation(page)  # ready
    press(page, "?")
    no_violation(page)  # help
    press(page, "?", "Escape", ",")
    expect(page.locator("mark.lit")).to_be_focused()
    no_violation(page)  # at a tag
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(live_server.url + "/accounts/keys/")
    no_violation(page)
    page.get_by_label("next passage", exact=True).fill("k")
    page.get_by_role("button", name="Save keys").click()
    expect(page.get_by_text("Nothing was saved")).to_be_visible()
    no_violation(page)
    watched.is_quiet(but="422")
