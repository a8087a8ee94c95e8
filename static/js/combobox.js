// A <select> becomes a type-ahead: it stays in the form and holds the value; without this file it is used itself.
(() => {
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  let count = 0;

  // A plain matcher: the folded words of the query in any order, each inside the name, group, slug or statement.
  const matches = (option, query) => fold(query).split(/\s+/).every((word) => option.folded.includes(word));

  // A hit at the start of the name comes first, then in the name, then elsewhere; the codebook's order within.
  const rank = (option, query) => {
    const name = fold(option.name), first = fold(query).trim();
    return name.startsWith(first) ? 0 : name.includes(first) ? 1 : 2;
  };

  function mark(into, text, query) {
    const at = query ? fold(text).indexOf(fold(query.trim())) : -1;
    if (at < 0 || fold(text).length !== text.length) { into.append(text); return; }
    const hit = document.createElement("b");
    hit.textContent = text.slice(at, at + query.trim().length);
    into.append(text.slice(0, at), hit, text.slice(at + query.trim().length));
  }

  function read(select) {
    return [...select.options].map((option) => ({
      value: option.value, name: option.label,
      group: option.parentElement.label ?? "", statement: option.dataset.statement ?? "",
      folded: fold([option.label, option.value, option.parentElement.label ?? "", option.dataset.statement ?? ""].join(" ")),
    }));
  }

  function drawOption(option, id, query, withStatement) {
    const li = document.createElement("li");
    li.id = id; li.role = "option"; li.ariaSelected = "false"; li.dataset.value = option.value;
    const name = document.createElement("span");
    name.className = "o-name"; mark(name, option.name, query); li.append(name, " ");
    if (option.group) { const group = document.createElement("span"); group.className = "o-group"; mark(group, option.group, query); li.append(group); }
    if (withStatement && option.statement) { const words = document.createElement("span"); words.className = "o-statement"; mark(words, option.statement, query); li.append(" ", words); }
    return li;
  }

  function enhance(select) {
    if (select.dataset.enhanced) return;
    select.dataset.enhanced = "1";
    const required = select.required;
    const options = read(select), id = `combo-${++count}`, name = select.id;
    const box = document.createElement("div"); box.className = "combo";
    const input = document.createElement("input");
    Object.assign(input, { type: "text", role: "combobox", autocomplete: "off", ariaExpanded: "false", ariaAutoComplete: "list" });
    input.setAttribute("aria-controls", id);
    for (const attribute of ["aria-invalid", "aria-describedby"]) if (select.hasAttribute(attribute)) input.setAttribute(attribute, select.getAttribute(attribute));
    const list = document.createElement("ul");
    Object.assign(list, { id, role: "listbox", className: "listbox", hidden: true });
    const label = document.querySelector(`label[for="${name}"]`);
    list.ariaLabel = label ? label.firstChild.textContent.trim() || label.textContent.trim() : name;
    input.placeholder = options[0]?.value === "" ? options[0].name : "";
    select.id = `${name}-value`; input.id = name; select.hidden = true; select.required = false;
    box.append(input, list); select.after(box); box.append(select);

    let shown = [], active = -1, chosen = false; // chosen: typed, or pointed at by an arrow
    const open = () => !list.hidden;
    const set = (value, announce = true) => {
      select.value = value;
      const chosen = options.find((option) => option.value === value);
      input.value = value && chosen ? chosen.name : "";
      const towards = document.querySelector(`[data-statement-of="${name}"]`);
      if (towards) towards.textContent = chosen?.statement ?? "";
      if (announce) select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const close = () => { chosen = false; list.hidden = true; input.ariaExpanded = "false"; input.removeAttribute("aria-activedescendant"); };
    const point = (index) => {
      active = Math.max(0, Math.min(index, shown.length - 1));
      [...list.children].forEach((li, i) => { li.ariaSelected = String(i === active); });
      const li = list.children[active];
      if (li) { input.setAttribute("aria-activedescendant", li.id); li.scrollIntoView({ block: "nearest" }); }
    };
    const show = (query) => {
      shown = options.filter((option) => (query ? option.value && matches(option, query) : option.value || !required));
      if (query) shown = shown.map((option) => [rank(option, query), option]).sort(([a], [b]) => a - b).map(([, option]) => option);
      list.replaceChildren(...shown.map((option, i) => drawOption(option, `${id}-${i}`, query, select.dataset.combobox === "statement")));
      list.hidden = shown.length === 0; input.ariaExpanded = String(!list.hidden);
      if (shown.length) point(query ? 0 : Math.max(0, shown.findIndex((option) => option.value === select.value)));
    };
    const take = () => { if (shown[active]) set(shown[active].value); close(); };

    input.addEventListener("input", () => { if (!input.value) set(""); chosen = input.value !== ""; show(input.value); });
    input.addEventListener("click", () => show(""));
    input.addEventListener("focus", () => input.select());
    input.addEventListener("blur", () => {
      // What was typed and left is taken where it names one entry; else the last choice stands.
      if (open() && chosen && input.value) take(); else { close(); if (input.value || !select.value) set(input.value ? select.value : "", false); else set(""); }
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open()) show(""); else chosen = true, point(active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { if (open() && chosen) take(); }
      else if (event.key === "Enter" && open()) { event.preventDefault(); take(); }
      else if (event.key === "Tab" && open() && chosen) take();
      else if (event.key === "Escape" && open()) { event.preventDefault(); event.stopPropagation(); set(select.value, false); close(); }
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const li = event.target.closest("[role=option]");
      if (li) { set(li.dataset.value); close(); }
    });
    select.addEventListener("combobox:set", (event) => set(event.detail));
    set(select.value, false);
  }

  const enhanceAll = (root) => root.querySelectorAll("select[data-combobox]").forEach(enhance);
  document.addEventListener("DOMContentLoaded", () => enhanceAll(document));
  document.addEventListener("htmx:afterSettle", () => enhanceAll(document));
})();
