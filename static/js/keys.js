// The keyboard's way through the workbench. Which key does what stands in the help (kbd[data-act]), so that what a
// person changed is what they read; a stance's key is on its radio button and stands before all others. Buttons
// with data-do do the same by mouse and touch. Another script adds an act of its own by SummitBench.acts[name].
(() => {
  const bench = window.SummitBench, split = window.SummitWords;
  const form = () => document.getElementById("tagform");
  const text = () => document.getElementById("text");
  const tagging = () => { const at = form(); return at && !at.hasAttribute("data-conflict") ? at : null; };
  const numberOf = (passage) => Number(passage.dataset.passage);

  // --- words and sentences ------------------------------------------------------------------------------
  // Their places in a passage, in code points of the document.
  function spansIn(run, kind) {
    const base = Number(run.dataset.start);
    return split[kind](run.textContent, run.lang).map(([start, end]) => ({ run, start: base + start, end: base + end }));
  }

  // Takes words in hand, and shows them.
  function hold(words) {
    getSelection().removeAllRanges();
    if (!bench.take(words)) { form()?.querySelector("[data-other-passage]")?.scrollIntoView({ block: "nearest" }); return; }
    bench.focusPassage(words.run.closest(".passage"));
    bench.showHand();
    bench.tellQuote();
  }

  // The next or previous word or sentence. From a longer quote a word leads into it; at a passage's end it goes
  // on in the next one.
  function step(kind, by) {
    const passage = bench.current(), place = bench.place();
    if (!passage) return;
    const spans = spansIn(passage.querySelector(".run"), kind), from = place?.passage === numberOf(passage) ? place : null;
    const isLong = from && kind === "words" && spans.filter((span) => span.start >= from.start && span.end <= from.end).length > 1;
    let next;
    if (!from) next = by > 0 ? spans[0] : null;
    else if (by > 0) next = spans.find((span) => (isLong ? span.start >= from.start : span.start >= from.end));
    else next = spans.findLast((span) => span.end <= from.start);
    if (next) hold(next); else beyond(numberOf(passage) + by, kind, by);
  }

  function beyond(number, kind, by) {
    if (number < 1 || number > Number(text()?.dataset.last ?? 0)) { bench.tell(by < 0 ? "first" : "end"); return; }
    bench.reach(number, (passage) => {
      const next = spansIn(passage.querySelector(".run"), kind).at(by > 0 ? 0 : -1);
      if (next) hold(next); else beyond(number + by, kind, by);
    });
  }

  // Moves one end of the quote in hand by a word or a sentence, back (-1) or on (1), inside its passage.
  function adjust(edge, by, kind = "words") {
    const hand = bench.hand();
    if (!hand) { bench.tell("noHand"); return; }
    const spans = spansIn(hand.run, kind), inside = spans.filter((span) => span.start < hand.end && span.end > hand.start);
    const last = Number(hand.run.dataset.start) + split.codePoints(hand.run.textContent.trimEnd());
    let { start, end } = hand;
    if (edge === "start") start = (by < 0 ? spans.findLast((span) => span.start < start) : spans.find((span) => span.start > start && span.start < end))?.start ?? start;
    else if (by > 0) end = spans.find((span) => span.end > end)?.end ?? last;
    // A word and the full stop after it go together.
    else end = inside.at(kind === "words" || inside.at(-1)?.end <= end ? -2 : -1)?.end ?? end;
    if (end <= start || (start === hand.start && end === hand.end)) { bench.tellQuote(); return; }
    const at = document.activeElement;
    hold({ run: hand.run, start, end });
    if (at?.closest?.("#tagform [data-do]")) at.focus({ preventScroll: true });
  }

  // --- the form -------------------------------------------------------------------------------------------
  const isFinished = () => form() === null;
  const isReady = () => { const at = tagging(); if (at && !at.classList.contains("is-empty")) return true; bench.tell(isFinished() ? "finished" : "noHand"); return false; };
  const select = (name) => form()?.querySelector(`select[name="${name}"]`);
  const set = (name, value) => select(name)?.dispatchEvent(new CustomEvent("combobox:set", { detail: value }));
  const openField = (name) => { if (isReady()) select(name)?.dispatchEvent(new CustomEvent("combobox:open")); };

  // The first field that a tag needs and that is empty; null where it can be saved.
  function missing() {
    const at = tagging();
    return ["topic", "stance", "source"].find((name) => !(name === "stance" ? at.querySelector("[name=stance]:checked") : select(name)?.value)) ?? null;
  }
  // On to what is missing; the last stop is the button that saves.
  function goOn({ saves = false } = {}) {
    const at = tagging(), name = missing();
    if (name === "stance") at.querySelector(".stances").focus();
    else if (name) openField(name);
    else if (saves) save();
    else at.querySelector(".primary").focus();
  }
  const save = () => { const at = form(); at.requestSubmit(at.querySelector(".primary")); };

  function chooseStance(radio) {
    if (!isReady()) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    goOn();
    bench.announce(radio.closest("label").querySelector(".stance-word").textContent);
  }

  function fillSource() {
    const last = bench.last();
    if (!last) { bench.tell("noLast"); return false; }
    // Without new words, the same words once more.
    const run = !bench.hand() && last.words && document.getElementById(`p${last.words.passage}`)?.querySelector(".run");
    if (run) hold({ run, start: last.words.start, end: last.words.end });
    if (!isReady()) return false;
    set("source", last.source);
    set("reported_by", last.reported_by);
    return true;
  }

  function repeatLast() {
    if (!bench.last()) { bench.tell("noLast"); return; }
    if (!bench.hand()) { bench.tell(isFinished() ? "finished" : "noHand"); return; }
    if (!fillSource()) return;
    const last = bench.last();
    set("topic", last.topic);
    const radio = [...form().querySelectorAll("input[name=stance]")].find((one) => one.value === last.stance);
    if (radio) { radio.checked = true; radio.dispatchEvent(new Event("change", { bubbles: true })); }
    goOn();
    bench.tell("filled", { what: bench.lastWords() });
  }

  function carryOver() {
    if (!isReady()) return;
    if (!bench.messenger()) { bench.tell("noLast"); return; }
    set("reported_by", bench.messenger());
    bench.announce(select("reported_by").selectedOptions[0]?.label);
  }

  function flipUncertain() {
    if (!isReady()) return;
    const box = form().elements.uncertain;
    box.click();
    bench.tell(box.checked ? "uncertain" : "certain");
  }

  // --- jumps ----------------------------------------------------------------------------------------------
  // The server knows of passages that are not in the page; without a connection, those that are have to do.
  async function ask(want, from) {
    const address = `${document.getElementById("recent").dataset.next}?want=${want}&from=${from}&shown=${text().dataset.shown}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(answer.statusText);
    return (await answer.json()).passage;
  }
  const here = () => { const passage = bench.chosen(); return passage ? numberOf(passage) : numberOf(bench.inView()) - 1; };

  const jump = (act) => bench.wait((done) => act().catch(() => {}).finally(done));
  async function nextUntagged() {
    const from = here();
    let number;
    try { number = await ask("untagged", from); }
    catch { number = Number([...document.querySelectorAll(".passage:not(.heading)")].find((passage) => numberOf(passage) > from && !passage.querySelector(".tally"))?.dataset.passage ?? 0); }
    if (number) await bench.reach(number, bench.arrive); else bench.tell("allTagged");
  }

  // Where the tags in the page begin, in the order of the text.
  const begins = () => [...document.querySelectorAll('.run mark[id^="q-"], .run mark [id^="q-"]')];
  let shownTag = null; // the one jumped to last
  function startOf(begin) {
    const run = begin.closest(".run"), before = new Range();
    before.selectNodeContents(run);
    before.setEndBefore(begin);
    return Number(run.dataset.start) + split.codePoints(before.toString());
  }

  async function nextTag(by) {
    const all = begins(), passage = bench.chosen(), focus = document.activeElement;
    const at = all.findIndex((one) => one.id === shownTag && one.closest("mark") === focus);
    const number = passage ? numberOf(passage) : by > 0 ? here() : here() + 1;
    const of = (one) => numberOf(one.closest(".passage"));
    const place = bench.place()?.passage === number ? bench.place() : null;
    // From the tag that is shown; from the words in hand, or that were; else from the passage's number: its own.
    let next;
    if (at >= 0) next = all[at + by];
    else if (place) {
      const later = (one) => of(one) > number || (of(one) === number && startOf(one) >= place.start);
      const sooner = (one) => of(one) < number || (of(one) === number && startOf(one) < place.start);
      next = by > 0 ? all.find(later) : all.findLast(sooner);
    } else next = by > 0 ? all.find((one) => of(one) >= Math.max(1, number)) : all.findLast((one) => of(one) < number);
    const first = Number(document.querySelector(".passage")?.dataset.passage), last = Number([...document.querySelectorAll(".passage")].at(-1)?.dataset.passage);
    if (next) return showTag(next);
    const edge = by > 0 ? last : first;
    let found = null;
    try { found = await ask(by > 0 ? "tagged" : "tagged-before", edge); } catch { /* what is in the page is all there is */ }
    if (!found) return bench.tell(by > 0 ? "noTagAfter" : "noTagBefore");
    await bench.reach(found, (arrived) => { const inside = begins().filter((one) => one.closest(".passage") === arrived); const one = inside.at(by > 0 ? 0 : -1); if (one) showTag(one); else bench.arrive(arrived); });
  }

  function showTag(begin) {
    const key = begin.id.slice(2), mark = begin.closest("mark"), passage = mark.closest(".passage");
    bench.choose(passage);
    shownTag = begin.id;
    document.querySelectorAll("mark.lit").forEach((other) => other.classList.remove("lit"));
    const marks = [...passage.querySelectorAll("mark.q")].filter((one) => one === mark || one.dataset.tags?.split(" ").includes(key));
    marks.forEach((one) => one.classList.add("lit"));
    mark.tabIndex = -1;
    mark.focus({ preventScroll: true });
    mark.scrollIntoView({ block: "center" });
    const words = passage.querySelector(`.tag-words [data-tag="${CSS.escape(key)}"]`);
    bench.announce(`${words?.innerText ?? ""}: ${marks.map((one) => one.textContent).join("")}`.replace(/\s+/g, " "));
    return listTags(numberOf(passage));
  }

  // The panel lists the passage's tags; a half-filled form above them stays as it is.
  async function listTags(number) {
    if (document.getElementById("tags")?.dataset.passage === String(number)) return;
    await htmx.ajax("GET", `?passage=${number}&shown=${text().dataset.shown}&hand=empty`, { source: "#tags", target: "#tags", select: "#tags", swap: "outerHTML" });
  }

  // From a tag in the text to its row in the panel, where it can be changed or withdrawn.
  async function rowOf(mark) {
    const passage = mark.closest(".passage");
    await listTags(numberOf(passage));
    const key = shownTag?.slice(2);
    const row = document.querySelector(`#tags .tag-quote[href$="#q-${CSS.escape(key ?? "")}"]`) ?? document.querySelector("#tags .tag-quote");
    row?.focus();
  }

  function goToDocument(address) {
    if (!address) { bench.tell("oneDocument"); return; }
    location.assign(`${address}?shown=${text()?.dataset.shown ?? "mine"}`);
  }

  // --- what each act does -----------------------------------------------------------------------------------
  const page = () => document.querySelector("[data-workbench]").dataset;
  const acts = {
    next_passage: () => bench.move(1),
    previous_passage: () => bench.move(-1),
    next_sentence: () => step("sentences", 1),
    previous_sentence: () => step("sentences", -1),
    next_word: () => step("words", 1),
    previous_word: () => step("words", -1),
    next_untagged: () => jump(nextUntagged),
    next_tag: () => jump(() => nextTag(1)),
    previous_tag: () => jump(() => nextTag(-1)),
    next_document: () => goToDocument(page().nextDocument ?? page().previousDocument),
    previous_document: () => goToDocument(page().previousDocument),
    whole_passage: () => { const run = bench.current()?.querySelector(".run"); if (run) { const start = Number(run.dataset.start); hold({ run, start, end: start + split.codePoints(run.textContent) }); } },
    start_back: () => adjust("start", -1),
    start_on: () => adjust("start", 1),
    end_back: () => adjust("end", -1),
    end_on: () => adjust("end", 1),
    end_sentence_back: () => adjust("end", -1, "sentences"),
    end_sentence_on: () => adjust("end", 1, "sentences"),
    topic: () => openField("topic"),
    source: () => openField("source"),
    reported_by: () => openField("reported_by"),
    note: () => { if (isReady()) document.getElementById("note").focus(); },
    uncertain: flipUncertain,
    carry_over: carryOver,
    same_source: () => { if (!fillSource()) return; goOn(); bench.tell("filled", { what: bench.sourceWords() }); },
    repeat_last: repeatLast,
    save_again: () => { const at = tagging(), again = at?.querySelector("[name=again]"); if (isReady()) again?.click(); },
    nothing_here: () => { const passage = bench.chosen(), button = passage?.querySelector("[data-nothing]"); if (button) { passage.querySelector(".pno").focus({ preventScroll: true }); button.click(); } else bench.tell(isFinished() ? "finished" : !passage ? "noPassage" : passage.querySelector(".tally") ? "hasTags" : "noMark"); },
    codebook: () => document.querySelector("[data-opens-codebook]")?.click(),
    help: () => document.getElementById("keys")?.togglePopover(),
  };
  bench.acts = acts;
  /** A key that is held down goes on moving; it does not open, fill or save again and again. */
  const HELD = /^(next_(passage|sentence|word|tag)|previous_(passage|sentence|word|tag)|start_|end_)/;

  // --- keys ---------------------------------------------------------------------------------------------
  const keysOn = () => { try { return localStorage.getItem("single-letter-keys") !== "off"; } catch { return true; } };
  const TYPING = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]";
  // What a key is on a keyboard of Latin letters, where it types others (Russian, Ukrainian, Greek …).
  const SIGNS = { BracketLeft: "[{", BracketRight: "]}", Comma: ",<", Period: ".>", Slash: "/?", Equal: "=+", Minus: "-_", Semicolon: ";:", Quote: "'\"", Backquote: "`~" };

  function bound(key) {
    const radio = [...(tagging()?.querySelectorAll("input[name=stance]") ?? [])].find((one) => one.dataset.key && one.dataset.key === key);
    if (radio) return { act: "stance", run: () => chooseStance(radio) };
    const act = [...document.querySelectorAll("#keys kbd[data-act]")].find((kbd) => kbd.textContent === key)?.dataset.act;
    return acts[act] ? { act, run: acts[act] } : null;
  }

  function actOf(event) {
    let { key } = event;
    if ([...key].length !== 1) return null;
    // Caps Lock is no Shift.
    if (event.getModifierState("CapsLock")) key = event.shiftKey ? key.toUpperCase() : key.toLowerCase();
    const found = bound(key);
    if (found || key.codePointAt(0) < 128) return found;
    const letter = event.code.match(/^Key([A-Z])$/)?.[1];
    const latin = letter ? (event.shiftKey ? letter : letter.toLowerCase()) : SIGNS[event.code]?.[event.shiftKey ? 1 : 0];
    return latin ? bound(latin) : null;
  }

  // Escape goes one step back: from a field to the text, then from the words in hand to none.
  function escape(event) {
    const at = document.activeElement;
    if (document.querySelector("#keys:popover-open, details.menu[open]") || at?.closest?.("[data-drawer]")) return;
    if (at?.closest?.("#panel")) { event.preventDefault(); bench.focusPassage(); return; }
    if (at?.matches?.(TYPING)) return;
    if (bench.hand()) { event.preventDefault(); bench.letGo(); }
  }

  // Enter goes on: to the first empty field, and saves where none is. What Enter does already on a link stays.
  function enter(event) {
    const at = document.activeElement;
    if (at?.matches?.("mark.q")) { event.preventDefault(); jump(() => rowOf(at)); return; }
    if (at?.closest?.("a[href], button, summary, dialog, [popover]") || !tagging() || form().classList.contains("is-empty")) return;
    event.preventDefault();
    if (!event.repeat) goOn({ saves: true });
  }

  // While the page waits for the server keys wait, too, and are then done in their order: no press is lost, and
  // none is done to a text or a form that is about to go.
  let queue = [], isLater = false;
  async function later(event) {
    event.preventDefault();
    if (event.repeat) return;
    queue.push(event);
    if (isLater) return;
    isLater = true;
    while (queue.length) {
      for (let wait = bench.busy(); wait; wait = bench.busy()) await wait;
      const at = document.activeElement, next = queue.shift();
      if (at.matches(TYPING)) typeInto(at, next);
      else if (next.key === "Enter" && at.matches("a[href], button")) at.click();
      else pressed(next, at);
    }
    isLater = false;
  }
  // What was meant for a field that had to be waited for.
  function typeInto(field, { key }) {
    const isText = [...key].length === 1 || (key === "Enter" && field.matches("textarea"));
    if (isText && field.matches("select")) return;
    if (!isText) { field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); return; }
    field.setRangeText(key === "Enter" ? "\n" : key, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, data: key }));
  }

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || !document.querySelector("[data-workbench]")) return;
    const isKey = [...event.key].length === 1 || event.key === "Enter" || (isLater && /^(Arrow|Escape)/.test(event.key));
    const isOurs = !event.ctrlKey && !event.metaKey && !event.target.closest?.(TYPING);
    if (isLater ? isKey && event.isTrusted : bench.busy() && isKey && isOurs) later(event);
    else pressed(event, event.target);
  });

  function pressed(event, target) {
    const withCtrl = event.ctrlKey || event.metaKey, typing = target.closest?.(TYPING);
    if (withCtrl && event.key === "Enter") { if (form() && (form().contains(target) || !typing)) { event.preventDefault(); save(); } return; }
    if (event.key === "Escape") { escape(event); return; }
    if (typing) return;
    if (withCtrl && !event.altKey && event.key.toLowerCase() === "z") {
      const button = document.querySelector(event.shiftKey ? "[data-redo]" : "[data-undo]");
      event.preventDefault();
      if (button) { button.click(); return; }
      // Nothing is left to take back: the message before must not look like another step.
      document.getElementById("toast")?.replaceChildren();
      bench.tell(isFinished() ? "finished" : event.shiftKey ? "noRedo" : "noUndo");
      return;
    }
    if ((withCtrl || event.altKey) && !event.getModifierState("AltGraph")) return;
    if (event.key === "Enter") { enter(event); return; }
    const stances = target.closest?.(".stances");
    if (stances && target === stances && event.key.startsWith("Arrow")) { event.preventDefault(); const radio = stances.querySelector("input:checked") ?? stances.querySelector("input"); radio.focus(); radio.click(); return; }
    const found = keysOn() ? actOf(event) : null;
    if (!found || (event.repeat && !HELD.test(found.act))) return;
    // With the help open, its own key closes it, and no other does anything behind it.
    if (document.querySelector("#keys:popover-open") && found.act !== "help") return;
    event.preventDefault();
    found.run();
  }

  document.addEventListener("combobox:taken", (event) => { if (event.target.closest("#tagform")) goOn(); });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-do]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey || !acts[button.dataset.do]) return;
    event.preventDefault();
    acts[button.dataset.do]();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-on]")) { try { localStorage.setItem("single-letter-keys", event.target.checked ? "on" : "off"); } catch { /* for this page */ } }
  });
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-keys-on]");
    if (box) box.checked = keysOn();
  });
})();
