// Tags that the server does not have yet: kept in this browser, person by person, until it says that it has
// them. A reload, a crash or a closed window loses none; logging out takes them away.
//
// window.SummitUnsent:
//   all()                  this person's entries, in the order in which they were made
//   waiting()              those that are to be sent
//   put(entry)             keeps an entry; false where too many are kept already
//   remove(id)
//   draw(why)              the notice; `why`: "lost", "login", or null while they are being sent
//   isKept()               whether the browser keeps them, or this page alone
//
// An entry: { id, url, fields: [[name, value], …], label, at, state: "sending" | "waiting" | "refused", why }.
(() => {
  const LIMIT = 100, me = document.body.dataset.user, prefix = `summit-unsent:${me}:`;
  const memory = new Map(); // for a browser that keeps nothing
  let kept = true, drawn = "";
  const notice = () => document.getElementById("unsent");

  function stored() {
    try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).map((key) => JSON.parse(localStorage.getItem(key))); }
    catch { return []; }
  }
  const all = () => (me ? [...stored(), ...memory.values()].sort((a, b) => a.at - b.at) : []);
  const waiting = () => all().filter((entry) => entry.state === "waiting");

  function put(entry) {
    const others = all().filter((other) => other.id !== entry.id);
    if (others.length >= LIMIT) return false;
    // A second later than the last one: clocks go back, the order may not.
    entry.at ??= Math.max(Date.now(), (others.at(-1)?.at ?? 0) + 1);
    try { localStorage.setItem(prefix + entry.id, JSON.stringify(entry)); memory.delete(entry.id); }
    catch { kept = false; memory.set(entry.id, entry); }
    return true;
  }
  function remove(id) {
    memory.delete(id);
    try { localStorage.removeItem(prefix + id); } catch { /* nothing is kept there */ }
  }

  // --- the notice -----------------------------------------------------------------------------------------
  const words = (name, n) => (notice().dataset[n === 1 ? `${name}One` : name] ?? "").replaceAll("{n}", n).replaceAll("{name}", document.body.dataset.username);

  function draw(why) {
    const box = notice();
    if (!box) return;
    const entries = all().filter((entry) => entry.state !== "sending"), refused = entries.filter((entry) => entry.state === "refused");
    const said = [why && entries.length > refused.length ? words(why, entries.length - refused.length) : "", refused.length ? words("refused", refused.length) : ""].filter(Boolean);
    box.hidden = said.length === 0;
    if (said.length && !kept) said.push(box.dataset.unkept);
    const text = said.join(" ");
    // A message that is put into a part of the page that has just come to be is not read out.
    if (text !== drawn) { drawn = text; setTimeout(() => { box.querySelector("[data-unsent-words]").textContent = drawn; }, 40); }
    const line = box.querySelector("template").content.firstElementChild;
    box.querySelector("[data-unsent-list]").replaceChildren(...entries.map((entry) => {
      const li = line.cloneNode(true);
      li.dataset.id = entry.id;
      li.querySelector("[data-unsent-label]").textContent = entry.label;
      li.querySelector("[data-unsent-why]").textContent = entry.why ?? "";
      li.querySelector("[data-unsent-why]").hidden = !entry.why;
      li.querySelector("[data-unsent-open]").hidden = !canOpen(entry);
      return li;
    }));
    if (refused.length || box.hidden) box.querySelector("details").open = !box.hidden;
  }
  const canOpen = (entry) => entry.url.startsWith(location.pathname) && entry.fields.some(([name]) => name === "topic") && document.getElementById("fresh-form") !== null;

  document.addEventListener("click", (event) => {
    const id = event.target.closest?.("[data-unsent-list] li")?.dataset.id, entry = id && all().find((one) => one.id === id);
    if (!entry) return;
    if (event.target.closest("[data-unsent-open]")) document.dispatchEvent(new CustomEvent("unsent:open", { detail: entry }));
    if (event.target.closest("[data-unsent-throw]") && confirm(notice().dataset.throw)) {
      remove(id);
      document.dispatchEvent(new CustomEvent("unsent:changed"));
    }
  });
  // Another window has kept, sent or thrown away some.
  addEventListener("storage", (event) => { if (event.key?.startsWith(prefix)) document.dispatchEvent(new CustomEvent("unsent:changed")); });
  addEventListener("beforeunload", (event) => { if (memory.size) event.preventDefault(); });

  // Nothing of it stays after logging out, and nobody logs out unawares.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("[data-logout]") || event.defaultPrevented) return;
    const left = all();
    if (left.length && !confirm(notice().dataset.logout)) { event.preventDefault(); return; }
    for (const { id } of left) remove(id);
  });

  // What an earlier page was about to send when it was closed.
  for (const entry of all()) if (entry.state === "sending") put({ ...entry, state: "waiting" });

  window.SummitUnsent = { all, waiting, put, remove, draw, isKept: () => kept };
})();
