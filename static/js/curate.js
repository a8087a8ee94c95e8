// The curator's keys: choose a version, change it, say why, save, go on. Without this file the form works as it is.
// Positions are Unicode code points of the document's text: #claim-run renders exactly the stored text.
(() => {
  const main = document.querySelector(".curate");
  const form = () => document.getElementById("itemform");
  const run = () => document.getElementById("claim-run");
  const codePoints = (text) => { let n = 0; for (const _ of text) n++; return n; };
  const keysOn = () => { try { return localStorage.getItem("single-letter-keys") !== "off"; } catch { return true; } };
  const say = (text) => { document.querySelector("[data-live]").textContent = text; };
  const groups = () => [...(form()?.querySelectorAll(".others") ?? [])];
  let touched = false; // something is chosen or typed that is not saved
  let before = {}; // what was chosen of each claim, by the name of its radios

  // --- words in the passage ------------------------------------------------------------------------------
  function offsetIn(container, offset) {
    const before = new Range();
    before.selectNodeContents(run());
    before.setEnd(container, offset);
    return codePoints(before.toString());
  }

  function rangeFor(start, end) {
    const at = { now: Number(run().dataset.start) }, range = new Range();
    const walker = document.createTreeWalker(run(), NodeFilter.SHOW_TEXT);
    const unit = (text, points) => [...text].slice(0, points).join("").length;
    let opened = false;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = codePoints(node.data);
      if (!opened && start < at.now + length) { range.setStart(node, unit(node.data, start - at.now)); opened = true; }
      if (opened && end <= at.now + length) { range.setEnd(node, unit(node.data, end - at.now)); return range; }
      at.now += length;
    }
    return null;
  }

  function paint() {
    if (!window.CSS?.highlights) return;
    CSS.highlights.delete("pen");
    if (!form() || !run()) return;
    const ranges = kept().map(({ start, end }) => rangeFor(start, end)).filter(Boolean);
    if (ranges.length) CSS.highlights.set("pen", new Highlight(...ranges));
  }

  // --- what is chosen --------------------------------------------------------------------------------------
  const nameOf = (group) => `keep_${group.dataset.claim}`;
  const chosen = (group) => form().querySelector(`input[name="${nameOf(group)}"]:checked`);
  const field = (group, name) => form().elements[`${name}_${group.dataset.claim}`];

  // The positions that stay as the form stands, in code points.
  function kept() {
    return groups().flatMap((group) => {
      const choice = chosen(group);
      if (!choice || choice.value === "none") return [];
      if (choice.value === "changed") return [{ start: Number(field(group, "start").value), end: Number(field(group, "end").value), mark: main.dataset.changed }];
      return [{ start: Number(choice.dataset.start), end: Number(choice.dataset.end), mark: choice.dataset.pick }];
    });
  }

  function tell() {
    const marks = kept().map(({ mark }) => mark);
    say(marks.length ? `${main.dataset.kept} ${marks.join(", ")}` : main.dataset.nothing);
    paint();
  }

  function check(input) {
    form().closest("details")?.setAttribute("open", "");
    input.checked = true;
    if (input.dataset.pick) before[input.name] = input.value;
    touched = true;
  }

  // A changed position starts from the version that was chosen before it, if one was.
  function startFrom(group, version) {
    if (!version?.dataset.start) return;
    setWords(group, Number(version.dataset.start), Number(version.dataset.end));
    for (const radio of group.querySelectorAll(`input[name="stance_${group.dataset.claim}"]`)) radio.checked = radio.value === version.dataset.stance;
    field(group, "reported_by").value = version.dataset.reportedBy;
  }

  function setWords(group, start, end) {
    field(group, "start").value = start;
    field(group, "end").value = end;
    const base = Number(run().dataset.start);
    group.querySelector("[data-words]").textContent = [...run().textContent].slice(start - base, end - base).join("");
  }

  // The claim that a change is made to: the one last chosen, else the first.
  let last = null;
  const current = () => groups().find((group) => group.dataset.claim === last) ?? groups()[0];

  function change(group) {
    const before = chosen(group);
    if (before?.value === "changed") return;
    const radio = group.querySelector('input[data-pick="c"]');
    if (before) startFrom(group, before);
    check(radio);
    last = group.dataset.claim;
    others(group);
  }

  // What is not chosen otherwise is left out: one version of one source is a whole answer.
  function others(but) {
    for (const group of groups()) if (group !== but && !chosen(group)) group.querySelector('input[data-pick="0"]').checked = true;
  }

  function pick(number) {
    const input = form().querySelector(`input[data-pick="${number}"]`);
    if (!input) return;
    check(input);
    const group = groups().find((other) => nameOf(other) === input.name);
    last = group.dataset.claim;
    others(group);
    askWhy();
    tell();
  }

  function nothing() {
    const inputs = form().querySelectorAll('input[data-pick="0"]');
    inputs.forEach(check);
    last = null;
    if (inputs.length) askWhy();
    tell();
  }

  // Where a reason is needed and none is given, it is next; else the button, so that Enter saves.
  function isPlain() {
    return form().hasAttribute("data-needs-no-reason") && groups().every((group) => /^\d$/.test(chosen(group)?.dataset.pick ?? "") && chosen(group).dataset.pick !== "0");
  }
  const reason = () => form().querySelector("input[name=reason]:checked");
  function askWhy() {
    if (isPlain() || reason()) form().querySelector(".primary").focus();
    else form().querySelector("input[name=reason]").focus();
  }

  function save() {
    const open = groups().find((group) => !chosen(group));
    if (open) { say(main.dataset.choose); form().querySelector("input[data-pick]")?.focus(); return; }
    if (!isPlain() && !reason()) { say(main.dataset.why); form().querySelector("input[name=reason]").focus(); return; }
    form().requestSubmit(form().querySelector(".primary"));
  }

  // --- other words -------------------------------------------------------------------------------------------
  function adjust(edge, step) {
    const group = current();
    if (!group) return;
    change(group);
    const base = Number(run().dataset.start), points = [...run().textContent];
    const starts = [], ends = [];
    points.forEach((point, i) => {
      const word = /\S/u.test(point);
      if (word && (i === 0 || /\s/u.test(points[i - 1]))) starts.push(base + i);
      if (word && (i === points.length - 1 || /\s/u.test(points[i + 1]))) ends.push(base + i + 1);
    });
    let start = Number(field(group, "start").value), end = Number(field(group, "end").value);
    if (edge === "start") start = step < 0 ? (starts.filter((at) => at < start).at(-1) ?? start) : (starts.find((at) => at > start && at < end) ?? start);
    else end = step < 0 ? (ends.filter((at) => at < end && at > start).at(-1) ?? end) : (ends.find((at) => at > end) ?? end);
    setWords(group, start, end);
    tell();
  }

  let settling;
  document.addEventListener("selectionchange", () => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      const selection = document.getSelection();
      if (!form() || !selection.rangeCount || selection.isCollapsed || !run()?.contains(selection.anchorNode)) return;
      const range = selection.getRangeAt(0), base = Number(run().dataset.start), points = [...run().textContent];
      let start = run().contains(range.startContainer) ? offsetIn(range.startContainer, range.startOffset) : 0;
      let end = run().contains(range.endContainer) ? offsetIn(range.endContainer, range.endOffset) : points.length;
      while (start < end && /\s/u.test(points[start])) start++;
      while (end > start && /\s/u.test(points[end - 1])) end--;
      const group = current();
      if (start >= end || !group) return;
      change(group);
      setWords(group, base + start, base + end);
      tell();
    }, 120);
  });

  // --- keys --------------------------------------------------------------------------------------------------
  const turn = (key) => document.querySelector(`[data-turn="${key}"]`)?.click();
  const why = (key) => { const input = form()?.querySelector(`input[data-reason="${key}"]`); if (input) { check(input); form().querySelector(".primary").focus(); } };
  const acts = {
    j: () => turn("j"), k: () => turn("k"),
    a: () => document.querySelector("[data-accept-all]")?.click(),
    c: () => { if (current()) { change(current()); current().querySelector('input[data-pick="c"]').focus(); tell(); } },
    r: () => { if (current()) { change(current()); field(current(), "reported_by").focus(); tell(); } },
    e: () => { form()?.closest("details")?.setAttribute("open", ""); document.getElementById("remark")?.focus(); },
    "[": () => adjust("start", -1), "]": () => adjust("start", 1), "{": () => adjust("end", -1), "}": () => adjust("end", 1),
    l: () => why("l"), d: () => why("d"), g: () => why("g"),
    "?": () => document.getElementById("keys")?.togglePopover(),
  };

  function stanceFor(key) {
    const group = current();
    const radio = group && [...group.querySelectorAll(".stances input")].find((input) => input.dataset.key && input.dataset.key === key);
    if (!radio) return null;
    return () => { change(group); check(radio); askWhy(); tell(); };
  }

  addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key === "Enter" && form()) { event.preventDefault(); save(); return; }
    if (event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
    if (control && !event.shiftKey && event.key.toLowerCase() === "z") {
      const undo = document.querySelector("#said [data-undo]");
      if (undo) { event.preventDefault(); undo.click(); }
      return;
    }
    if (control || event.altKey || document.querySelector("#keys:popover-open") && event.key !== "?") return;
    // Enter saves from the form and from the page itself, and presses whatever else has the focus.
    if (event.key === "Enter" && form() && !event.target.closest("a, button:not(#itemform .primary), summary")) { event.preventDefault(); save(); return; }
    if (!keysOn()) return;
    const act = form() && event.key === "0" ? nothing : form() && /^[1-9]$/.test(event.key) ? () => pick(event.key) : acts[event.key] ?? stanceFor(event.key);
    if (act) { event.preventDefault(); act(); }
  });

  // --- by mouse ----------------------------------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-on]")) { try { localStorage.setItem("single-letter-keys", event.target.checked ? "on" : "off"); } catch { /* for this page */ } return; }
    if (!form()?.contains(event.target)) return;
    touched = true;
    const group = groups().find((other) => nameOf(other) === event.target.name || other.contains(event.target));
    if (!group) return;
    last = group.dataset.claim;
    if (event.target.dataset.pick === "c" && before[nameOf(group)]) startFrom(group, form().querySelector(`input[name="${nameOf(group)}"][value="${before[nameOf(group)]}"]`));
    before[nameOf(group)] = chosen(group)?.value;
    tell();
  });
  document.addEventListener("input", (event) => { if (form()?.contains(event.target)) touched = true; });
  document.addEventListener("click", (event) => { if (event.target.closest("#said [data-dismiss]")) document.getElementById("said").replaceChildren(); });

  // --- nothing chosen is thrown away without a word -----------------------------------------------------------
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, target, issueRequest } = event.detail;
    if (!touched || elt.id === "itemform" || target?.id !== "curation") return;
    event.preventDefault();
    if (confirm(main.dataset.unsaved)) { touched = false; issueRequest(true); }
  });
  addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });

  // --- what the server answers --------------------------------------------------------------------------------
  function adopt() {
    last = null;
    before = {};
    paint();
    // Each in its own box: the page itself stays where it is.
    for (const [box, inside] of [[".claim-text", ".claim-text mark"], [".cur-list", ".cur-rows [aria-current]"]]) {
      const frame = document.querySelector(box), shown = document.querySelector(inside);
      if (frame && shown && frame.scrollHeight > frame.clientHeight) frame.scrollTop += shown.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 3;
    }
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "curation") touched = Boolean(document.getElementById("claim-conflict"));
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!document.getElementById("curation")) return;
    adopt();
    const heading = document.getElementById("claim-conflict") ?? document.getElementById("claim-h");
    heading?.focus({ preventScroll: true });
    heading?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("submit", (event) => { if (event.target === form()) touched = false; });
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-keys-on]");
    if (box) box.checked = keysOn();
    adopt();
    document.getElementById("claim-conflict")?.focus();
  });
})();
