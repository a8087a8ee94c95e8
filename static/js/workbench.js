// The quote in hand: taken by mouse, touch and keyboard, shown in the text, handed to the tag form.
// Positions are Unicode code points of the document's text: each .run renders exactly the stored text.
//
// window.SummitBench is what other scripts may use. A `words` is { run, start, end }: a passage's .run, and
// positions of the document. A long document comes in windows: a passage may not be in the page.
//   take(words)            takes words in hand; false where the form cannot have them
//   release()              lets them go, in the text only
//   adopt()                takes what the form from the server holds
//   hand(), place()        the words in hand, or null; where words were in hand last: { passage, start, end }
//   current()              the passage at hand, or the first in view
//   arrive(passage)        makes a passage the one at hand, and puts the focus on its number
//   reach(number, then)    calls then(passage), once the passage is in the page ("bench:needs-passage"); a promise
//   busy()                 a promise, while the page waits for the server; else null
//   move(step)             to the passages before (-1) and after (1)
//   rangeFor(run, start, end), runOf(node), codePoints(text)
//   last()                 what the tag before said: { topic, stance, source, reported_by, words }, or null
//   announce(text), tell(name, values)   to screen readers; `name` of a text in #announcer
(() => {
  const { codePoints } = window.SummitWords;
  const runOf = (node) => (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".run");
  const form = () => document.getElementById("tagform");
  const passageOf = (number) => document.getElementById(`p${number}`);
  const numberOf = (passage) => Number(passage.dataset.passage);
  let hand = null; // { run, start, end }, in code points of the document
  let place = null; // where words were in hand last; it outlives them, and the drawing of its passage
  let last = null; // what the tag before said
  let messenger = ""; // the last messenger used, to carry over

  // --- what screen readers are told ---------------------------------------------------------------------
  const region = () => document.getElementById("announcer");
  let saying;
  function announce(text) {
    if (!text) return;
    clearTimeout(saying);
    // The same words once more would not be read: a space makes them other words.
    saying = setTimeout(() => { const box = region(); if (box) box.textContent = box.textContent === text ? `${text}\u00a0` : text; }, 40);
  }
  const wording = (name, values = {}) => (region()?.dataset[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const counted = (name, count) => wording(count === 1 ? `${name}1` : name, { count });
  const tell = (name, values) => announce(wording(name, values));

  function passageWords(passage) {
    const tags = passage.querySelectorAll(":scope > .tag-words > li").length;
    return wording("passage", { n: numberOf(passage), last: document.getElementById("text")?.dataset.last ?? "", tags: counted("tags", tags) });
  }
  function tellQuote() {
    if (!hand) return;
    const quote = textOf(hand).split(/\s+/), short = quote.length > 14 ? `${quote.slice(0, 8).join(" ")} … ${quote.slice(-4).join(" ")}` : quote.join(" ");
    announce(wording("quote", { quote: short, words: counted("words", quote.length) }));
  }
  document.addEventListener("bench:say", (event) => announce(event.detail));

  // --- positions ------------------------------------------------------------------------------------
  function offsetIn(run, container, offset) {
    const before = new Range();
    before.selectNodeContents(run);
    before.setEnd(container, offset);
    return codePoints(before.toString());
  }

  function rangeFor(run, start, end) {
    const range = new Range(), walker = document.createTreeWalker(run, NodeFilter.SHOW_TEXT);
    let at = Number(run.dataset.start), opened = false;
    const unit = (text, points) => { let i = 0; while (points-- > 0 && i < text.length) i += text.codePointAt(i) > 0xffff ? 2 : 1; return i; };
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = codePoints(node.data);
      if (!opened && start < at + length) { range.setStart(node, unit(node.data, start - at)); opened = true; }
      if (opened && end <= at + length) { range.setEnd(node, unit(node.data, end - at)); return range; }
      at += length;
    }
    return null;
  }

  const textOf = ({ run, start, end }) => [...run.textContent].slice(start - Number(run.dataset.start), end - Number(run.dataset.start)).join("");

  // A triple click ends at the start of the next block, which takes no word of it.
  function reaches(range, first) {
    return [...document.querySelectorAll(".run")].some((run) => {
      if (run === first || !range.intersectsNode(run)) return false;
      const part = new Range();
      part.selectNodeContents(run);
      if (run.contains(range.endContainer)) part.setEnd(range.endContainer, range.endOffset);
      return part.toString().trim() !== "";
    });
  }

  function wordsOf(selection) {
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const first = runOf(range.startContainer), end = runOf(range.endContainer);
    if (!first) return null;
    const base = Number(first.dataset.start), points = [...first.textContent];
    let from = offsetIn(first, range.startContainer, range.startOffset);
    let to = first === end ? offsetIn(first, range.endContainer, range.endOffset) : points.length;
    while (from < to && /\s/u.test(points[from])) from++;
    while (to > from && /\s/u.test(points[to - 1])) to--;
    return from < to ? { run: first, start: base + from, end: base + to, cut: first !== end && reaches(range, first) } : null;
  }

  // --- what has to be waited for ----------------------------------------------------------------------------
  // While a tag is being saved or passages are loaded the page is about to change under the hand: keys wait.
  const LONGEST = 5000;
  const waiting = new Set();
  function wait(start) {
    const promise = new Promise((resolve) => { start(resolve); setTimeout(resolve, LONGEST); });
    waiting.add(promise);
    return promise.finally(() => waiting.delete(promise));
  }
  const busy = () => (waiting.size ? Promise.all(waiting) : null);
  let answered = null; // ends the wait for the panel
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target } = event.detail;
    // Who stops the request keeps the tag, and answers for it.
    if (elt.id === "tagform" || target?.id === "panel") setTimeout(() => { if (!event.defaultPrevented) wait((done) => { answered = done; }); });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // The panel settles a moment after the answer.
    if (event.detail.requestConfig?.elt?.id === "tagform" || event.detail.target?.id === "panel") setTimeout(() => { answered?.(); answered = null; }, 60);
  });

  // --- the passage at hand ------------------------------------------------------------------------------
  const chosen = () => document.querySelector(".passage.current");
  function inView() {
    const bar = document.querySelector(".docbar"), under = bar && getComputedStyle(bar).position === "sticky" ? bar.getBoundingClientRect().bottom : 0;
    const all = [...document.querySelectorAll(".passage")];
    return all.find((passage) => passage.getBoundingClientRect().bottom > under + 8) ?? all[0];
  }
  const current = () => chosen() ?? inView();

  function choose(passage) {
    document.querySelectorAll(".passage.current").forEach((other) => other.classList.toggle("current", other === passage));
    passage.classList.add("current");
  }

  function reach(number, then) {
    const now = passageOf(number);
    if (now) { then(now); return null; }
    return wait((done) => {
      const arrived = () => { const passage = passageOf(number); if (passage) then(passage); done(); };
      document.dispatchEvent(new CustomEvent("bench:needs-passage", { detail: { number, then: arrived } }));
    });
  }

  function arrive(passage) {
    choose(passage);
    if (place && place.passage !== numberOf(passage)) place = null;
    passage.scrollIntoView({ block: "nearest" });
    passage.querySelector(".pno").focus({ preventScroll: true });
    announce(passageWords(passage));
  }

  function move(step) {
    const here = chosen();
    if (!here) { const first = inView(); if (first) arrive(first); return null; }
    const number = numberOf(here) + step, end = Number(document.getElementById("text")?.dataset.last ?? Infinity);
    if (number < 1 || number > end) { here.querySelector(".pno").focus(); tell(step < 0 ? "first" : "end"); return null; }
    return reach(number, arrive);
  }

  // --- the quote in hand ------------------------------------------------------------------------------
  function paint() {
    if (!window.CSS?.highlights) return;
    CSS.highlights.delete("pen");
    const range = hand?.run.isConnected && rangeFor(hand.run, hand.start, hand.end);
    if (range) CSS.highlights.set("pen", new Highlight(range));
  }

  // The words in hand are seen: neither under the bar above nor under the sheet below. Of more than fits, the beginning.
  function showHand() {
    const box = hand?.run.isConnected && rangeFor(hand.run, hand.start, hand.end)?.getBoundingClientRect();
    if (!box) return;
    const bar = document.querySelector(".docbar"), panel = document.getElementById("panel");
    const top = bar && getComputedStyle(bar).position === "sticky" ? bar.getBoundingClientRect().bottom : 0;
    const bottom = isSheet() ? panel.getBoundingClientRect().top : innerHeight;
    if (box.top >= top && box.bottom <= bottom) return;
    scrollBy({ top: box.height > bottom - top - 32 || box.top < top ? box.top - top - 32 : box.bottom - bottom + 32, behavior: "instant" });
  }
  // On a narrow screen the panel is a sheet over the text, which rises when words are taken.
  const isSheet = () => { const panel = document.getElementById("panel"); return panel !== null && getComputedStyle(panel).position === "fixed"; };

  function take(words) {
    const at = form(), passage = words.run.closest(".passage"), number = numberOf(passage);
    // A tag stays in its passage: words of another would be refused, and the tag's own would be lost.
    if (at?.hasAttribute("data-editing") && String(number) !== at.dataset.passage) {
      at.querySelector("[data-other-passage]").hidden = false;
      return false;
    }
    // The same words, in a text that was drawn anew.
    if (hand && hand.start === words.start && hand.end === words.end) { hand = { ...words, cut: hand.cut }; paint(); return true; }
    hand = words;
    place = { passage: number, start: words.start, end: words.end };
    choose(passage);
    paint();
    if (!at || at.hasAttribute("data-conflict")) return true;
    at.elements.start.value = words.start;
    at.elements.end.value = words.end;
    at.elements.passage.value = number;
    at.querySelector("[data-quote]").textContent = textOf(words);
    at.querySelector("[data-quote-where]").textContent = `¶ ${number} · ${words.end - words.start} ${at.dataset.characters}` + (words.cut ? ` · ${at.dataset.cut}` : "");
    open(at, true);
    return true;
  }

  function open(at, isOpen) {
    at.classList.toggle("is-empty", !isOpen);
    at.querySelector("[data-invite]").hidden = isOpen;
    at.querySelector("[data-fields]").classList.toggle("when-chosen", !isOpen);
  }

  function release() { hand = null; paint(); }

  // Lets the words go for good. What is chosen in the form stays, for the next ones.
  function letGo() {
    const at = form();
    release();
    if (!at || at.hasAttribute("data-conflict")) return;
    if (at.hasAttribute("data-editing")) { at.querySelector("[data-leave]")?.click(); return; }
    for (const name of ["start", "end", "passage"]) at.elements[name].value = "";
    open(at, false);
    tell("letGo");
  }

  // A form that came from the server may already hold words; else what is in hand stays, where its text still is.
  let known = null; // the form that was adopted
  function adopt() {
    const at = form();
    if (at !== known) {
      known = at;
      // The server names all that is missing at once, each at its field.
      if (at) at.noValidate = !at.hasAttribute("data-conflict");
      hand = at?.dataset.start ? { start: Number(at.dataset.start), end: Number(at.dataset.end), number: Number(at.dataset.passage) } : null;
      if (hand) place = { passage: hand.number, start: hand.start, end: hand.end };
      const carry = at?.querySelector("[data-carry-over]"), reuse = at?.querySelector("[data-reuse]");
      if (carry) carry.hidden = !messenger;
      if (reuse) { reuse.hidden = !last; reuse.querySelector("[data-last-words]").textContent = last ? lastWords() : ""; }
      if (hand && passageOf(hand.number)) choose(passageOf(hand.number));
    }
    const run = hand && passageOf(place.passage)?.querySelector(".run");
    hand = run ? { ...hand, run } : null;
    paint();
  }

  let settled, lifted;
  document.addEventListener("selectionchange", () => {
    clearTimeout(settled);
    clearTimeout(lifted);
    settled = setTimeout(() => {
      const selection = document.getSelection();
      if (!runOf(selection.anchorNode)) return;
      const words = wordsOf(selection);
      if (!words || !take(words)) return;
      tellQuote();
      // Not while a finger may still be at the handles of the selection.
      if (isSheet()) lifted = setTimeout(showHand, 500);
    }, 120);
  });

  // A tag in the list shows its place; a mark in the text shows its passage's tags.
  document.addEventListener("click", (event) => {
    const quote = event.target.closest(".tag-quote[data-span]");
    if (quote) {
      event.preventDefault();
      const [passage, start, end] = quote.dataset.span.split(":").map(Number);
      reach(passage, (shown) => {
        const range = rangeFor(shown.querySelector(".run"), start, end);
        if (range && window.CSS?.highlights) CSS.highlights.set("pen", new Highlight(range));
        shown.scrollIntoView({ block: "nearest" });
      });
    }
    const mark = event.target.closest("mark.q");
    if (mark && document.getSelection().isCollapsed) mark.closest(".passage").querySelector(".tally")?.click();
  });

  // --- what the tag before said ---------------------------------------------------------------------------
  // Not by form.elements: a type-ahead has two, the field that one types into and the select that holds the value.
  const select = (name) => form()?.querySelector(`select[name="${name}"]`);
  const option = (name, value) => (value ? [...(select(name)?.options ?? [])].find((one) => one.value === value) : null);
  const stance = (value) => form()?.querySelector(`input[name="stance"][value="${CSS.escape(value)}"]`);
  function lastWords() {
    const words = [option("topic", last.topic)?.label, stance(last.stance)?.closest("label").querySelector(".stance-word").textContent, option("source", last.source)?.label].filter(Boolean).join(" · ");
    const by = option("reported_by", last.reported_by)?.label;
    return by ? `${words} ← ${by}` : words;
  }

  function sourceWords() {
    const source = option("source", last.source)?.label ?? "", by = option("reported_by", last.reported_by)?.label;
    return by ? `${source} ← ${by}` : source;
  }

  // What is being sent is what the last tag said, once the server, or the browser in its stead, has it.
  let sent = null;
  document.addEventListener("submit", ({ target }) => {
    if (target.id !== "tagform" || target.hasAttribute("data-conflict")) return;
    const said = (name) => target.querySelector(name === "stance" ? "[name=stance]:checked" : `select[name="${name}"]`)?.value ?? "";
    sent = { topic: said("topic"), stance: said("stance"), source: said("source"), reported_by: said("reported_by"), words: place };
  });
  function remember() {
    if (!sent) return;
    last = sent;
    messenger = last.reported_by || messenger;
    for (const name of ["topic", "source", "reported_by"]) window.SummitRecent?.use(name, last[name]);
    sent = null;
  }

  // --- nothing typed is thrown away without a word ----------------------------------------------------------
  let typed = false;
  for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => { if (event.target.closest("#tagform")) typed = true; });
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, target, issueRequest } = event.detail;
    if (!typed || elt.id === "tagform" || target?.id !== "panel") return;
    event.preventDefault();
    if (confirm(document.querySelector("[data-workbench]").dataset.unsaved)) { typed = false; issueRequest(true); }
  });
  // It could not be sent, and the browser keeps it until it can.
  document.addEventListener("bench:kept", () => { typed = false; remember(); });
  addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });

  // --- what the server answers -------------------------------------------------------------------------
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "panel") typed = Boolean(document.querySelector("#tagform .error:not([hidden])"));
  });

  function focusPassage(passage = (hand?.run.isConnected && hand.run.closest(".passage")) || current()) {
    if (!passage) return;
    passage.tabIndex = -1;
    passage.setAttribute("role", "group");
    passage.setAttribute("aria-label", wording("passageName", { n: numberOf(passage) }));
    passage.focus({ preventScroll: true });
  }

  // What had the focus is gone with the old panel: it goes where the work goes on, not to the top of the page.
  function focusAfter(isPanel) {
    const said = document.querySelector("#panel [data-conflict] h2, #panel [role=alert]:not([hidden]), #tags [role=alert]"), at = form();
    if (said) { said.tabIndex = -1; said.focus(); return; }
    const wrong = isPanel ? [...at?.querySelectorAll("[role=combobox][aria-invalid=true], fieldset[aria-describedby]") ?? []] : [];
    if (wrong.length) { wrong[0].focus(); announce(counted("wrong", wrong.length)); return; }
    if (document.activeElement !== document.body) return;
    if (at?.hasAttribute("data-editing")) { at.tabIndex = -1; at.focus({ preventScroll: true }); }
    else if (hand) focusPassage();
    else chosen()?.querySelector(".pno")?.focus({ preventScroll: true });
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    adopt();
    const { target, requestConfig } = event.detail, id = target?.id;
    if (id === "panel") {
      // A finished document has no form, and a passage whose tags are listed is at hand all the same.
      const listed = !form() && passageOf(document.getElementById("tags")?.dataset.passage);
      if (listed) choose(listed);
      if (hand && isSheet()) showHand();
    }
    // After a save the form is fresh in a moment, and the focus goes with it.
    if (id === "panel" || (id === "tags" && requestConfig?.elt?.id !== "tagform")) focusAfter(id === "panel");
  });
  // Before the panel is drawn anew, so that it offers to repeat this tag.
  document.addEventListener("htmx:beforeSwap", ({ detail: { xhr, requestConfig } }) => { if (requestConfig?.elt?.id === "tagform" && xhr.status < 300) remember(); });
  document.addEventListener("htmx:afterRequest", ({ detail: { xhr, requestConfig } }) => {
    // The form itself is gone by now: what was asked still knows it.
    if (requestConfig?.elt?.id === "tagform" && xhr.status >= 200 && xhr.status < 300 && chosen()) setTimeout(() => tell("saved", { passage: passageWords(chosen()) }), 60);
  });

  document.addEventListener("DOMContentLoaded", () => {
    const recent = document.getElementById("recent")?.dataset;
    if (recent?.last) { const [topic, stance, source, by] = recent.last.split(" "); last = { topic, stance, source, reported_by: by ?? "", words: null }; }
    messenger = recent?.reported_by?.split(" ")[0] ?? "";
    adopt();
  });

  window.SummitBench = {
    take, release, adopt, wait, busy, letGo, move, arrive, reach, choose, current, chosen, inView, focusPassage, rangeFor, codePoints, runOf, announce, tell, wording, tellQuote, passageWords,
    showHand, sourceWords, hand: () => hand, place: () => place, last: () => last, messenger: () => messenger, lastWords,
  };
})();
