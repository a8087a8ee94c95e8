// A <select> becomes a type-ahead: it stays in the form and holds the value; without this file it is used itself.
// Matches label, slug, group and statement, forgives typos and accents. What was used last comes first: the page's
// #recent lists it by the name of the select, and every choice that is sent moves up (SummitRecent.use).
(() => {
  const OTHER = { ł: "l", ø: "o", đ: "d", ð: "d", þ: "th", ħ: "h", ŧ: "t", ı: "i", ß: "ss", æ: "ae", œ: "oe", ґ: "г", "’": "'", "ʼ": "'" };
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[łøđðþħŧıßæœґ’ʼ]/g, (letter) => OTHER[letter]);
  const wordsOf = (folded) => folded.match(/[\p{L}\p{N}']+/gu) ?? [];
  const words = () => document.getElementById("announcer")?.dataset ?? {};
  let count = 0;

  // --- what was used last ------------------------------------------------------------------------------
  const used = {};
  const recent = (name) => (used[name] ??= (document.getElementById("recent")?.getAttribute(`data-${name}`) ?? "").split(" ").filter(Boolean));
  window.SummitRecent = { use: (name, value) => { if (value) used[name] = [value, ...recent(name).filter((other) => other !== value)]; } };
  const SHOWN = 6; // of what was used last, so that the codebook's own order is in sight

  // --- matching ------------------------------------------------------------------------------------------
  // The fewest edits (a letter more, less, other, or two swapped) that make `query` the beginning of `word`.
  function edits(query, word) {
    let before = null, above = [...Array(word.length + 1).keys()];
    for (let i = 1; i <= query.length; i++) {
      const row = [i];
      for (let j = 1; j <= word.length; j++) {
        row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (query[i - 1] === word[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && query[i - 1] === word[j - 2] && query[i - 2] === word[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      before = above;
      above = row;
    }
    return Math.min(...above);
  }
  const forgiven = (length) => (length >= 8 ? 2 : length >= 4 ? 1 : 0);

  // How far an option is from the words typed, in any order; null: it does not match. 0: they stand in it.
  function distance(option, query) {
    let sum = 0;
    for (const word of query) {
      if (option.folded.includes(word)) continue;
      const most = forgiven(word.length), near = most ? option.words.filter((other) => other.length >= word.length - most) : [];
      const least = Math.min(...near.map((other) => edits(word, other.slice(0, word.length + most))));
      if (least > most) return null;
      sum += least;
    }
    return sum;
  }

  // A hit at the start of the name comes first, then of a word of it, then in it, then elsewhere.
  function place(option, first) {
    const name = option.foldedName;
    return name.startsWith(first) ? 0 : wordsOf(name).some((word) => word.startsWith(first)) ? 1 : name.includes(first) ? 2 : 3;
  }

  const ENOUGH = 3; // hits as typed: what is only similar is left out then

  function found(options, text) {
    const query = fold(text).split(/\s+/).filter(Boolean);
    if (!query.length) return [];
    const hits = options.map((option) => ({ option, far: option.value ? distance(option, query) : null }))
      .filter(({ far }) => far !== null)
      .map((hit) => ({ ...hit, place: place(hit.option, hit.far ? "\u0000" : query.join(" ")) }))
      // Infinity less Infinity is no number, and leaves it to the codebook's order.
      .sort((a, b) => a.far - b.far || a.place - b.place || a.option.rank - b.option.rank || a.option.order - b.option.order);
    const exact = hits.filter((hit) => hit.far === 0);
    return exact.length >= ENOUGH ? exact : hits;
  }

  // --- drawing ---------------------------------------------------------------------------------------------
  // Underlines the words typed, where they stand; folding may change the length, so letters are matched one by one.
  function mark(into, text, query) {
    const letters = [...text], starts = [];
    let folded = "";
    letters.forEach((letter) => { starts.push(folded.length); folded += fold(letter); });
    const hit = new Set();
    for (const word of query) {
      const at = folded.indexOf(word);
      if (at >= 0) letters.forEach((_, i) => { if (starts[i] >= at && starts[i] < at + word.length) hit.add(i); });
    }
    let bold = null;
    letters.forEach((letter, i) => {
      if (!hit.has(i)) { bold = null; into.append(letter); return; }
      if (!bold) { bold = document.createElement("b"); into.append(bold); }
      bold.append(letter);
    });
    into.normalize();
  }

  function read(select) {
    const ranks = recent(select.name);
    return [...select.options].map((option, order) => {
      const group = option.parentElement.label ?? "", statement = option.dataset.statement ?? "";
      const folded = fold([option.label, option.value, group, statement].join(" ")), rank = ranks.indexOf(option.value);
      return { value: option.value, name: option.label, foldedName: fold(option.label), group, statement, folded, words: [...new Set(wordsOf(folded))], order, rank: rank < 0 ? Infinity : rank };
    });
  }

  function drawOption({ option, heading }, id, query, withStatement) {
    const li = document.createElement("li");
    li.id = id; li.role = "option"; li.ariaSelected = "false"; li.dataset.value = option.value;
    if (heading) li.dataset.heading = heading;
    const part = (name, text) => { const span = document.createElement("span"); span.className = name; mark(span, text, query); return span; };
    li.append(part("o-name", option.name), " ");
    if (option.group) li.append(part("o-group", option.group));
    if (withStatement && option.statement) li.append(" ", part("o-statement", option.statement));
    return li;
  }

  // The whole list: what was used last, then the codebook in its order.
  function all(options, required) {
    const last = options.filter((option) => option.value && option.rank < SHOWN).sort((a, b) => a.rank - b.rank);
    const rest = options.filter((option) => (option.value || !required) && !last.includes(option));
    return [...last.map((option, i) => ({ option, heading: i ? "" : words().recent })), ...rest.map((option, i) => ({ option, heading: i || !last.length ? "" : words().others }))];
  }

  let saying;
  const hush = () => clearTimeout(saying);
  function say(hits) {
    hush();
    saying = setTimeout(() => {
      const text = hits === 0 ? words().hits0 : hits === 1 ? words().hits1 : words().hits?.replace("{count}", hits);
      if (text) document.dispatchEvent(new CustomEvent("bench:say", { detail: text }));
    }, 350);
  }

  function enhance(select) {
    if (select.dataset.enhanced) return;
    select.dataset.enhanced = "1";
    const required = select.required, id = `combo-${++count}`, name = select.id;
    let options = read(select);
    const box = document.createElement("div"); box.className = "combo";
    const input = document.createElement("input");
    Object.assign(input, { type: "text", role: "combobox", autocomplete: "off", spellcheck: false, autocapitalize: "off", ariaExpanded: "false", ariaAutoComplete: "list" });
    input.setAttribute("aria-controls", id);
    for (const attribute of ["aria-invalid", "aria-describedby"]) if (select.hasAttribute(attribute)) input.setAttribute(attribute, select.getAttribute(attribute));
    if (required) input.ariaRequired = "true";
    const list = document.createElement("ul");
    Object.assign(list, { id, role: "listbox", className: "listbox", hidden: true });
    const label = document.querySelector(`label[for="${name}"]`);
    const title = label?.cloneNode(true);
    title?.querySelectorAll("kbd, [aria-hidden]").forEach((part) => part.remove());
    list.ariaLabel = title?.textContent.trim() || name;
    const nothing = document.createElement("p");
    Object.assign(nothing, { className: "listbox no-hit", hidden: true, textContent: words().hits0 ?? "" });
    input.placeholder = options[0]?.value === "" ? options[0].name : "";
    select.id = `${name}-value`; input.id = name; select.hidden = true; select.required = false;
    box.append(input, list, nothing); select.after(box); box.append(select);

    let shown = [], active = -1;
    let chosen = false, sure = false; // chosen: typed, or pointed at by an arrow; sure: not by typos alone
    const open = () => !list.hidden;
    const set = (value, announce = true) => {
      select.value = value;
      accept();
      const entry = options.find((option) => option.value === value);
      input.value = value && entry ? entry.name : "";
      const towards = document.querySelector(`[data-statement-of="${name}"]`);
      if (towards) towards.textContent = entry?.statement ?? "";
      if (announce) select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const close = () => { hush(); chosen = sure = false; list.hidden = nothing.hidden = true; input.ariaExpanded = "false"; input.removeAttribute("aria-activedescendant"); };
    const point = (index) => {
      active = Math.max(0, Math.min(index, shown.length - 1));
      [...list.children].forEach((li, i) => { li.ariaSelected = String(i === active); });
      const li = list.children[active];
      if (li) { input.setAttribute("aria-activedescendant", li.id); li.scrollIntoView({ block: "nearest" }); }
    };
    const show = (text) => {
      const query = fold(text).split(/\s+/).filter(Boolean), hits = found(options, text);
      const near = hits.findIndex((hit) => hit.far > 0);
      shown = query.length ? hits.map((hit, i) => ({ option: hit.option, heading: i === near ? words().near : "" })) : all(options, required);
      list.replaceChildren(...shown.map((entry, i) => drawOption(entry, `${id}-${i}`, query, select.dataset.combobox === "statement")));
      list.hidden = shown.length === 0;
      nothing.hidden = shown.length > 0;
      input.ariaExpanded = String(!list.hidden);
      if (shown.length) point(query.length || !select.value ? 0 : Math.max(0, shown.findIndex(({ option }) => option.value === select.value)));
      else input.removeAttribute("aria-activedescendant");
      sure = hits[0]?.far === 0;
      if (query.length) say(shown.length);
      // The whole list in view, and the field above it.
      (list.hidden ? nothing : list).scrollIntoView({ block: "nearest" });
      input.scrollIntoView({ block: "nearest" });
    };
    // Words that name nothing stay where they were typed, with what is wrong with them.
    const refuse = (typed) => {
      input.ariaInvalid = "true";
      nothing.textContent = (words().noSuch ?? "").replace("{text}", typed);
      nothing.hidden = false;
      document.dispatchEvent(new CustomEvent("bench:say", { detail: nothing.textContent }));
    };
    const accept = () => { if (nothing.textContent !== words().hits0) { nothing.textContent = words().hits0 ?? ""; nothing.hidden = true; input.removeAttribute("aria-invalid"); } };
    const take = () => { if (shown[active]) set(shown[active].option.value); close(); };

    input.addEventListener("input", () => { accept(); if (!input.value) set(""); chosen = input.value !== ""; show(input.value); });
    input.addEventListener("click", () => { if (!open()) { options = read(select); show(""); } });
    input.addEventListener("focus", () => { options = read(select); input.select(); });
    input.addEventListener("blur", () => {
      // What was typed and left is taken where it names an entry; else the last choice stands.
      if (open() && chosen && sure && input.value) { take(); return; }
      const typed = chosen && !select.value ? input.value.trim() : "";
      close();
      if (typed) { refuse(typed); return; }
      if (input.value || !select.value) set(input.value ? select.value : "", false); else set("");
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open()) show(""); else chosen = sure = true, point(active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { if (open() && chosen) take(); }
      else if (event.key === "Enter") {
        event.preventDefault();
        if (event.repeat) return;
        if (open()) take(); else if (!nothing.hidden) return;
        select.dispatchEvent(new CustomEvent("combobox:taken", { bubbles: true }));
      }
      else if (event.key === "Tab" && open() && chosen) take();
      else if (event.key === "Escape" && (open() || !nothing.hidden)) { event.preventDefault(); event.stopPropagation(); set(select.value, false); close(); }
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const li = event.target.closest("[role=option]");
      if (li) { set(li.dataset.value); close(); }
    });
    select.addEventListener("combobox:set", (event) => set(event.detail));
    select.addEventListener("combobox:open", () => { input.focus(); show(""); });
    set(select.value, false);
  }

  const enhanceAll = (root) => root.querySelectorAll("select[data-combobox]").forEach(enhance);
  document.addEventListener("DOMContentLoaded", () => enhanceAll(document));
  document.addEventListener("htmx:afterSettle", () => enhanceAll(document));
})();
