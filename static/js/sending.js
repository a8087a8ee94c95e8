// Saving a tag survives a lost connection, a lost login and a closed window. htmx sends it as ever; what does not
// arrive is kept (unsent.js), sent again in the order in which it was made, and made once however often it is
// sent: each form has a token, each change names the version that it saw.
(() => {
  const unsent = window.SummitUnsent, { say, token } = window.Summit, PATIENCE = 15_000, WAITS = [2, 5, 15, 30];
  const notice = () => document.getElementById("unsent"), body = document.body.dataset;
  // The server's answers; a proxy's or a hotel's own pages come with a 200, too, and without this header.
  const MARK = "X-Summit-Saved", LOST = [0, 408, 502, 503, 504];
  let why = null, busy = false, tries = 0, timer;
  const draw = () => unsent.draw(why);

  // --- what is kept ---------------------------------------------------------------------------------------
  const isTag = ({ verb, path }) => verb === "post" && /\/code\/[^/]+\/tags\//.test(path);
  const isStep = ({ verb, path }) => verb === "post" && /\/code\/[^/]+\/(?:undo|redo)\/$/.test(path);
  const idOf = (url, fields) => (url.endsWith("/tags/") ? fields.get("form_token") : `${url}@${fields.get("version")}`);
  const isHere = (url) => document.querySelector("[data-workbench]") !== null && url.startsWith(location.pathname);
  const tagForm = () => document.getElementById("tagform");
  const isFree = (form) => !form || (form.classList.contains("is-empty") && !form.matches("[data-editing], [data-conflict]"));
  // The form that an entry was sent from, where it is still in the page.
  function sentFrom(entry) {
    const form = tagForm();
    return form && idOf(form.getAttribute("action"), new FormData(form)) === entry.id ? form : null;
  }

  function labelOf(elt, submitter) {
    if (!elt.matches("#tagform:not([data-conflict])")) return submitter?.ariaLabel ?? (elt.querySelector("q") ?? document.querySelector("#tagform q"))?.textContent ?? document.title;
    const chosen = (name) => elt.querySelector(`select[name="${name}"]`)?.selectedOptions[0];
    const source = chosen("source")?.label, by = chosen("reported_by")?.value && chosen("reported_by").label;
    const stance = elt.querySelector("[name=stance]:checked")?.closest("label")?.querySelector(".stance-word")?.textContent;
    return [`“${elt.querySelector("[data-quote]").textContent}”`, chosen("topic")?.label, stance, by ? `${source} ← ${by}` : source].filter(Boolean).join(" · ");
  }

  function entryOf(elt, { path, formData, triggeringEvent }) {
    const fields = [...formData].filter(([name]) => name !== "csrfmiddlewaretoken");
    return { id: idOf(path, formData), url: path, fields, label: labelOf(elt, triggeringEvent?.submitter), state: "sending" };
  }

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (isTag(detail) || isStep(detail)) detail.timeout = PATIENCE;
    // Where the login is lost, a page with a tag in hand is not left: the login form comes into it.
    if (detail.verb === "get" && document.querySelector("[data-workbench]") && !isFree(tagForm())) detail.headers["X-Summit-Unsaved"] = "1";
  });

  // Kept before it is sent: a window may be closed while it is on its way.
  const onTheWay = new Map(); // XMLHttpRequest -> entry
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, xhr, requestConfig: config } = event.detail;
    if (isStep(config) && unsent.waiting().length) { event.preventDefault(); say(notice().dataset.undoWaits); return; }
    if (!isTag(config)) return;
    const entry = entryOf(elt, config), first = unsent.waiting().filter((other) => other.id !== entry.id);
    if (!unsent.put(entry)) { event.preventDefault(); say(notice().dataset.full); return; }
    if (!first.length) { onTheWay.set(xhr, entry); return; }
    event.preventDefault();
    wait(entry, why ?? "lost");
    flush();
  });

  // Not on its way any more: it waits, and the form is free for the next tag. A lost login leaves it in the form.
  function wait(entry, reason) {
    why = reason;
    unsent.put({ ...entry, state: "waiting" });
    if (unsent.isKept()) document.dispatchEvent(new CustomEvent("bench:kept"));
    if (reason === "lost") goOn(entry);
    draw();
  }

  // The form that the tag was made in is ready for the next one; "tag again" keeps the words and who said them.
  const KEPT_AGAIN = ["start", "end", "passage", "source", "reported_by"];
  function goOn(entry) {
    const form = sentFrom(entry), again = entry.fields.some(([name]) => name === "again");
    if (!form) return;
    document.getElementById("in-the-way")?.remove();
    foldNeighbours();
    refill(form, again ? entry.fields.filter(([name]) => KEPT_AGAIN.includes(name)) : []);
    talkOf(document.getElementById("tags")?.dataset.passage);
  }

  // No topic is chosen yet: no quotes of it are shown.
  function foldNeighbours() {
    const box = document.getElementById("neighbours"), quotes = document.getElementById("neighbour-quotes");
    if (!box) return;
    box.removeAttribute("data-but");
    box.removeAttribute("data-shows");
    quotes.replaceChildren(Object.assign(document.createElement("p"), { className: "fine", textContent: box.dataset.choose }));
  }

  // The talk below the tags is about the same passage. What is typed into it is kept by talk.js.
  function talkOf(number) {
    const fresh = document.getElementById("fresh-talk"), old = document.getElementById("talk"), tags = document.getElementById("tags");
    if (!fresh || !number || document.getElementById("talk-h")?.dataset.passage === number) return;
    const html = fresh.innerHTML.replaceAll(fresh.dataset.number, number), at = old ?? tags;
    htmx.swap(at, html, { swapStyle: old ? "outerHTML" : "afterend" }, { eventInfo: { target: at, elt: at } });
    const count = document.querySelector(`#talk-of-${CSS.escape(number)} a`)?.textContent;
    if (count) document.getElementById("talk-h").append(" ", Object.assign(document.createElement("span"), { className: "talk-count", textContent: count }));
  }

  // Whatever brings another passage's tags brings the talk about it; after a save the form goes first (goOn).
  document.addEventListener("htmx:afterSwap", ({ detail: { target, requestConfig } }) => {
    if (target?.id === "tags" && requestConfig && requestConfig.elt?.id !== "tagform") talkOf(document.getElementById("tags")?.dataset.passage);
  });

  const isLost = (status, mark) => LOST.includes(status) || (status >= 200 && status < 300 && !mark);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (onTheWay.has(detail.xhr) && isLost(detail.xhr.status, detail.xhr.getResponseHeader(MARK))) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { xhr, elt, requestConfig } }) => {
    const entry = onTheWay.get(xhr);
    if (!entry) { if (xhr.status === 401 && !elt.closest("#login-needed")) asked.set(elt, requestConfig.triggeringEvent); return; }
    onTheWay.delete(xhr);
    if (xhr.status === 401) wait(entry, "login");
    else if (isLost(xhr.status, xhr.status && xhr.getResponseHeader(MARK))) { wait(entry, "lost"); later(); }
    // Without its cookie nothing was looked at: it is fetched, and the tag is sent again.
    else if (xhr.status === 403 && !requestConfig.headers["X-CSRFToken"]) { unsent.put({ ...entry, state: "waiting" }); flush(); }
    // The answer is in the page: saved, or the form with what is wrong.
    else { unsent.remove(entry.id); if (xhr.status < 300) goOn(entry); settle(); }
  });
  document.addEventListener("htmx:sendError", ({ detail }) => { if (!isTag(detail.requestConfig)) say(body.offline); });
  document.addEventListener("htmx:timeout", ({ detail }) => { if (!isTag(detail.requestConfig)) say(body.offline); });
  document.addEventListener("htmx:responseError", ({ detail: { xhr, requestConfig } }) => {
    if (isTag(requestConfig) && (LOST.includes(xhr.status) || (xhr.status === 403 && !requestConfig.headers["X-CSRFToken"]))) return;
    say(LOST.includes(xhr.status) ? body.offline : xhr.status >= 500 ? body.failed : serverWords(xhr.responseText) || body.refused);
  });

  // Nothing waits any more, or what does is sent now that the server answers.
  function settle() {
    if (unsent.waiting().length) { flush(); return; }
    why = null;
    draw();
  }

  // --- sending again ----------------------------------------------------------------------------------------
  function later() {
    clearTimeout(timer);
    timer = setTimeout(flush, 1000 * WAITS[Math.min(tries++, WAITS.length - 1)]);
  }

  async function flush() {
    if (busy || !unsent.waiting().length) return;
    busy = true;
    clearTimeout(timer);
    let saved = 0;
    try {
      for (let entry = unsent.waiting()[0]; entry; entry = unsent.waiting()[0]) {
        const outcome = await send(entry);
        if (outcome === "lost") later();
        why = outcome === "lost" || outcome === "login" ? outcome : null;
        if (why) break;
        tries = 0;
        saved += outcome === "saved";
      }
    } finally { busy = false; }
    if (saved > 1) say(notice().dataset.saved.replace("{n}", saved));
    draw();
  }

  function post(entry, fields, target) {
    const shown = document.getElementById("text")?.dataset.shown;
    return fetch(entry.url, {
      method: "POST",
      body: new URLSearchParams(fields.map(([name, value]) => [name, name === "shown" && shown ? shown : value])),
      headers: { "HX-Request": "true", "HX-Target": target, "HX-Current-URL": location.href, "X-CSRFToken": token(), "X-Summit-User": body.user },
      signal: AbortSignal.timeout(PATIENCE),
    });
  }

  // "saved", "refused", "lost" or "login".
  async function send(entry) {
    const form = sentFrom(entry), again = entry.fields.filter(([name]) => name === "again");
    // What stands in the form is newer than what was kept of it.
    const fields = form && !form.matches("[data-conflict]") ? [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken").concat(again) : entry.fields;
    let response, html;
    try {
      if (!token()) await fetch(notice().dataset.loginPage, { signal: AbortSignal.timeout(PATIENCE) });
      response = await post(entry, fields, form ? "panel" : "tags");
      html = await response.text();
    } catch { return "lost"; }
    if (isLost(response.status, response.headers.get(MARK))) return "lost";
    if (response.status === 401) { swap("#toast", html, "innerHTML"); return "login"; }
    if (response.ok) {
      unsent.remove(entry.id);
      if (isHere(entry.url)) show(html, form); else say(notice().dataset.savedOne);
      return "saved";
    }
    refuse(entry, html, response.status, form);
    return "refused";
  }

  function swap(target, html, swapStyle) {
    const at = document.querySelector(target);
    if (at) htmx.swap(at, html, { swapStyle }, { eventInfo: { target: at, elt: at } });
  }

  // The parts of the page that a save changes. The list of tags stays where it is of another passage.
  function show(html, form) {
    document.dispatchEvent(new CustomEvent("progressStale"));
    if (form) { swap("#panel", html, "outerHTML"); return; }
    const here = document.getElementById("tags")?.dataset.passage, there = html.match(/id="tags" data-passage="(\d+)"/)?.[1];
    swap("#tags", html, !here || here === there ? "outerHTML" : "none");
  }

  // The server's own words put the form back, with what is wrong; not over a form that is in use.
  function refuse(entry, html, status, form) {
    const isAnswer = isHere(entry.url) && (status === 409 || status === 422), isPanel = /id="panel"/.test(html);
    if (isAnswer && (!isPanel || form || isFree(tagForm()))) {
      unsent.remove(entry.id);
      swap(isPanel ? "#panel" : "#tags", html, "outerHTML");
    } else {
      unsent.put({ ...entry, state: "refused", why: status >= 500 ? body.failed : serverWords(html) || body.refused });
    }
  }

  function serverWords(html) {
    const said = new DOMParser().parseFromString(html, "text/html").querySelector("[role=alert]:not([hidden]) h1, [role=alert]:not([hidden]) h2, .conflict h2, .error:not([hidden]), h1");
    return said?.textContent.trim() ?? "";
  }

  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  document.addEventListener("unsent:changed", () => { if (!unsent.waiting().length) why = null; draw(); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-unsent-now]")) return;
    for (const entry of unsent.all()) if (entry.state === "refused") unsent.put({ ...entry, state: "waiting", why: undefined });
    tries = 0;
    flush();
  });
  document.addEventListener("DOMContentLoaded", () => { draw(); flush(); });

  // --- the form, without the server ---------------------------------------------------------------------------
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return [...bytes].map((byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
  }

  // A fresh form that says `fields`, in the place of `form`. `url`: what it is sent to, where it changes a tag.
  function refill(form, fields, { url, quote } = {}) {
    const fresh = document.getElementById("fresh-form")?.content.querySelector("form").cloneNode(true), said = new Map(fields);
    if (!fresh) return;
    const input = (name) => fresh.querySelector(`[name="${name}"]`);
    input("form_token").setAttribute("value", said.get("form_token") ?? uuid());
    if (said.get("passage")) {
      for (const name of ["passage", "start", "end"]) { input(name).setAttribute("value", said.get(name)); fresh.setAttribute(`data-${name}`, said.get(name)); }
      fresh.classList.remove("is-empty");
      fresh.querySelector("[data-invite]").hidden = true;
      fresh.querySelector("[data-fields]").classList.remove("when-chosen");
      fresh.querySelector("[data-quote]").textContent = quote ?? form.querySelector("[data-quote]")?.textContent ?? "";
      fresh.querySelector("[data-quote-where]").textContent = `¶ ${said.get("passage")}`;
    }
    for (const name of ["topic", "source", "reported_by"]) input(name).querySelector(`option[value="${CSS.escape(said.get(name) ?? "")}"]`)?.setAttribute("selected", "");
    fresh.querySelector(`[name="stance"][value="${CSS.escape(said.get("stance") ?? "")}"]`)?.setAttribute("checked", "");
    if (said.get("uncertain")) input("uncertain").setAttribute("checked", "");
    input("note").textContent = said.get("note") ?? "";
    if (url && said.has("version")) {
      fresh.setAttribute("action", url);
      fresh.setAttribute("hx-post", url);
      fresh.setAttribute("data-editing", "");
      const version = input("form_token").cloneNode();
      version.name = "version";
      version.setAttribute("value", said.get("version"));
      input("form_token").after(version);
    }
    const panel = document.getElementById("panel");
    htmx.swap(form, fresh.outerHTML, { swapStyle: "outerHTML" }, { eventInfo: { target: panel, elt: panel } });
  }

  document.addEventListener("unsent:open", ({ detail: entry }) => {
    const form = tagForm();
    if (!form || (!isFree(form) && !confirm(document.querySelector("[data-workbench]").dataset.unsaved))) return;
    unsent.remove(entry.id);
    refill(form, entry.fields, { url: entry.url, quote: entry.label.match(/^“(.*)”/s)?.[1] });
    draw();
  });

  // --- a lost login -------------------------------------------------------------------------------------------
  const asked = new Map(); // what else was refused for want of a login -> the event that it was sent on

  document.addEventListener("htmx:afterSettle", () => {
    const form = document.querySelector("#login-needed:not([data-met]) form");
    if (!form) return;
    form.parentElement.dataset.met = "";
    const { username, password } = form.elements;
    username.value ||= body.username ?? "";
    (username.value ? password : username).focus();
  });
  document.addEventListener("logged-in", () => {
    document.getElementById("toast").replaceChildren();
    const again = [...asked];
    asked.clear();
    for (const [elt, event] of again) {
      if (!elt.isConnected) continue;
      if (elt.matches("form")) elt.requestSubmit(event?.submitter?.isConnected ? event.submitter : undefined);
      else htmx.trigger(elt, event?.type ?? "click");
    }
    // Where it is somebody else who has logged in, the server refuses to save it under their name, and says so.
    flush();
  });

  // --- what stays as it was ----------------------------------------------------------------------------------
  // Which passage is at hand is the page's to say: a passage drawn anew stays the one at hand.
  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
    if (target?.matches?.(".passage.current")) fragment.querySelector(".passage")?.classList.add("current");
    // A save does not count the comments on its passage: what leads to them stays.
    const talk = fragment.querySelector?.(".talk-of[data-kept]"), stands = talk && document.getElementById(talk.id);
    if (stands) talk.replaceWith(stands.cloneNode(true));
  });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "y" || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    const redo = document.querySelector("#undo [data-redo]");
    if (redo) { event.preventDefault(); redo.click(); }
  });
})();
