// Selecting words, by mouse, touch and keyboard, and handing their positions to the tag form.
// Positions are Unicode code points of the document's text: each .run renders exactly the stored text.
(() => {
  const codePoints = (text) => { let n = 0; for (const _ of text) n++; return n; };
  const runOf = (node) => (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".run");
  const form = () => document.getElementById("tagform");
  let hand = null; // what is in hand: { run, start, end } in code points of the document
  let messenger = null; // the last messenger used, to carry over

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
    const first = runOf(range.startContainer), last = runOf(range.endContainer);
    if (!first) return null;
    const base = Number(first.dataset.start), text = first.textContent;
    let start = offsetIn(first, range.startContainer, range.startOffset);
    let end = first === last ? offsetIn(first, range.endContainer, range.endOffset) : codePoints(text);
    const points = [...text];
    while (start < end && /\s/u.test(points[start])) start++;
    while (end > start && /\s/u.test(points[end - 1])) end--;
    return start < end ? { run: first, start: base + start, end: base + end, cut: first !== last && reaches(range, first) } : null;
  }

  // --- the quote in hand ------------------------------------------------------------------------------
  function paint() {
    if (!window.CSS?.highlights) return;
    CSS.highlights.delete("pen");
    const range = hand && rangeFor(hand.run, hand.start, hand.end);
    if (range) CSS.highlights.set("pen", new Highlight(range));
  }

  function take(words) {
    const at = form();
    // A tag stays in its passage: words of another would be refused, and the tag's own would be lost.
    if (at?.hasAttribute("data-editing") && words.run.closest(".passage").dataset.passage !== at.dataset.passage) {
      at.querySelector("[data-other-passage]").hidden = false;
      return;
    }
    hand = words;
    if (!at || at.hasAttribute("data-conflict")) return paint();
    const passage = words.run.closest(".passage"), base = Number(words.run.dataset.start);
    at.elements.start.value = words.start;
    at.elements.end.value = words.end;
    at.elements.passage.value = passage.dataset.passage;
    at.querySelector("[data-quote]").textContent = [...words.run.textContent].slice(words.start - base, words.end - base).join("");
    at.querySelector("[data-quote-where]").textContent = `¶ ${passage.dataset.passage} · ${words.end - words.start} ${at.dataset.characters}` + (words.cut ? ` · ${at.dataset.cut}` : "");
    at.classList.remove("is-empty");
    at.querySelector("[data-invite]").hidden = true;
    at.querySelector("[data-fields]").classList.remove("when-chosen");
    document.querySelectorAll(".passage.current").forEach((other) => other.classList.toggle("current", other === passage));
    passage.classList.add("current");
    paint();
  }

  function release() { hand = null; paint(); }

  // The form that came from the server may already hold words.
  function adopt() {
    const at = form();
    const carry = at?.querySelector("[data-carry-over]");
    if (carry) carry.hidden = !messenger;
    if (!at?.dataset.start) return release();
    const run = document.querySelector(`#p${at.dataset.passage} .run`);
    if (!run) return release();
    hand = { run, start: Number(at.dataset.start), end: Number(at.dataset.end) };
    document.querySelectorAll(".passage.current").forEach((other) => other.classList.remove("current"));
    run.closest(".passage").classList.add("current");
    paint();
  }

  let settled;
  document.addEventListener("selectionchange", () => {
    clearTimeout(settled);
    settled = setTimeout(() => {
      const selection = document.getSelection();
      if (runOf(selection.anchorNode)) { const words = wordsOf(selection); if (words) take(words); }
    }, 120);
  });

  // A tag in the list shows its place; a mark in the text shows its passage's tags.
  document.addEventListener("click", (event) => {
    const quote = event.target.closest(".tag-quote");
    if (quote) {
      event.preventDefault();
      const [passage, start, end] = quote.dataset.span.split(":").map(Number);
      const run = document.querySelector(`#p${passage} .run`);
      const range = run && rangeFor(run, start, end);
      if (range && window.CSS?.highlights) CSS.highlights.set("pen", new Highlight(range));
      run?.closest(".passage").scrollIntoView({ block: "nearest" });
    }
    const mark = event.target.closest("mark.q");
    if (mark && document.getSelection().isCollapsed) mark.closest(".passage").querySelector(".tally")?.click();
    if (event.target.closest("[data-carry-over] button")) carryOver();
  });

  // --- keyboard -------------------------------------------------------------------------------------
  const keysOn = () => { try { return localStorage.getItem("single-letter-keys") !== "off"; } catch { return true; } };
  const set = (name, value) => form()?.querySelector(`select[name="${name}"]`)?.dispatchEvent(new CustomEvent("combobox:set", { detail: value }));
  const carryOver = () => messenger && set("reported_by", messenger);

  function current() {
    return document.querySelector(".passage.current") ?? document.querySelector(".passage");
  }

  function move(step) {
    const all = [...document.querySelectorAll(".passage")];
    const here = all.findIndex((passage) => passage.classList.contains("current"));
    const next = all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + step))];
    all.forEach((passage) => passage.classList.toggle("current", passage === next));
    next.scrollIntoView({ block: "nearest" });
    next.querySelector(".pno").focus({ preventScroll: true });
  }

  function adjust(edge, step) {
    if (!hand) return;
    const base = Number(hand.run.dataset.start), points = [...hand.run.textContent];
    const starts = [], ends = [];
    points.forEach((point, i) => {
      const word = /\S/u.test(point);
      if (word && (i === 0 || /\s/u.test(points[i - 1]))) starts.push(base + i);
      if (word && (i === points.length - 1 || /\s/u.test(points[i + 1]))) ends.push(base + i + 1);
    });
    let { start, end } = hand;
    if (edge === "start") start = step < 0 ? (starts.filter((at) => at < start).at(-1) ?? start) : (starts.find((at) => at > start && at < end) ?? start);
    else end = step < 0 ? (ends.filter((at) => at < end && at > start).at(-1) ?? end) : (ends.find((at) => at > end) ?? end);
    take({ run: hand.run, start, end });
  }

  const acts = {
    j: () => move(1), k: () => move(-1),
    v: () => { const run = current()?.querySelector(".run"); if (run) take({ run, start: Number(run.dataset.start), end: Number(run.dataset.start) + codePoints(run.textContent) }); },
    "[": () => adjust("start", -1), "]": () => adjust("start", 1), "{": () => adjust("end", -1), "}": () => adjust("end", 1),
    t: () => document.getElementById("topic")?.focus(), f: () => document.getElementById("source")?.focus(),
    r: () => document.getElementById("reported_by")?.focus(), e: () => document.getElementById("note")?.focus(),
    u: () => form()?.elements.uncertain?.click(), c: carryOver,
    "?": () => document.getElementById("keys")?.togglePopover(),
  };

  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && form()?.contains(document.activeElement)) { event.preventDefault(); form().requestSubmit(form().querySelector(".primary")); return; }
    const typing = event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
    if (typing) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      const undo = document.querySelector("#toast [data-undo]");
      if (undo) { event.preventDefault(); undo.click(); }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && form()) { event.preventDefault(); form().requestSubmit(form().querySelector(".primary")); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || !keysOn()) return;
    const stance = [...(form()?.querySelectorAll("input[name=stance]") ?? [])].find((radio) => radio.dataset.key && radio.dataset.key === event.key);
    const act = stance ? () => { stance.checked = true; stance.focus(); } : acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-on]")) { try { localStorage.setItem("single-letter-keys", event.target.checked ? "on" : "off"); } catch { /* for this page */ } }
  });

  // --- nothing typed is thrown away without a word ----------------------------------------------------------
  let typed = false;
  for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => { if (event.target.closest("#tagform")) typed = true; });
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, target, issueRequest } = event.detail;
    if (!typed || elt.id === "tagform" || target?.id !== "panel") return;
    event.preventDefault();
    if (confirm(document.querySelector("[data-workbench]").dataset.unsaved)) { typed = false; issueRequest(true); }
  });
  addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });

  // --- what the server answers -------------------------------------------------------------------------
  document.addEventListener("htmx:beforeRequest", (event) => {
    const sent = event.detail.elt;
    if (sent.id === "tagform") messenger = sent.elements.reported_by?.value || messenger;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "panel") typed = Boolean(document.querySelector("#tagform .error:not([hidden])"));
  });
  document.addEventListener("htmx:afterSettle", () => {
    adopt();
    const heading = document.querySelector("#panel [data-conflict] h2, #panel [role=alert]");
    if (heading) { heading.tabIndex = -1; heading.focus(); }
    // What had the focus is gone with the old panel: it goes to the passage, not to the top of the page.
    else if (document.activeElement === document.body) document.querySelector(".passage.current .pno")?.focus({ preventScroll: true });
  });
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-keys-on]");
    if (box) box.checked = keysOn();
    adopt();
  });
})();
