"use strict";
// Sorting, filtering and paging without a new page; the links work without this, too.
(() => {
  let under_way = null;

  async function part(address) {
    under_way?.abort();
    under_way = new AbortController();
    const answer = await fetch(address, { headers: { "X-Part": "1" }, signal: under_way.signal });
    if (!answer.ok) throw new Error(answer.statusText); // a whole page that says why
    return new DOMParser().parseFromString(await answer.text(), "text/html").body;
  }

  async function go(address, { push = true } = {}) {
    const main = document.getElementById("main");
    const focused = document.activeElement;
    const again = { id: focused?.id, text: focused?.closest("th, .count") ? focused.textContent : null, at: focused?.selectionStart };
    const open = main.querySelector("details.columns")?.open;
    main.setAttribute("aria-busy", "true");
    try {
      const found = await part(address);
      main.replaceChildren(...found.childNodes);
    } catch (error) {
      if (error.name !== "AbortError") location.href = address;
      return;
    }
    main.removeAttribute("aria-busy");
    if (push) history.pushState(null, "", address);
    if (open) { const details = main.querySelector("details.columns"); if (details) details.open = true; }
    refocus(main, again);
    begin(main);
    main.dataset.shown = String(Number(main.dataset.shown ?? 0) + 1);
  }

  function refocus(main, again) {
    const found = again.id ? document.getElementById(again.id)
      : again.text && [...main.querySelectorAll("th a, .count a")].find((link) => link.textContent === again.text);
    found?.focus({ preventScroll: true });
    if (found?.setSelectionRange && again.at !== undefined && again.at !== null) found.setSelectionRange(again.at, again.at);
  }

  function address_of(form) {
    const pairs = [...new FormData(form)].filter(([, value]) => value !== "");
    const columns = form.querySelector("details.columns");
    const kept = columns && !columns.open && !new URLSearchParams(location.search).has("column")
      ? pairs.filter(([name]) => name !== "column") : pairs;
    return `${form.getAttribute("action")}?${new URLSearchParams(kept)}`;
  }

  function begin(main) {
    const form = main.querySelector("form.query");
    form?.addEventListener("submit", (event) => { event.preventDefault(); go(address_of(form)); });
    for (const link of main.querySelectorAll("#found thead a, #found .count a, form.query a")) {
      link.addEventListener("click", (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
        if (new URL(link.href).pathname !== location.pathname) return;
        event.preventDefault();
        go(link.getAttribute("href"));
      });
    }
    for (const place of main.querySelectorAll("[data-part]")) load(place);
    for (const table of main.querySelectorAll("table.sortable")) sortable(table);
  }

  async function load(place) {
    await new Promise((go_on) => requestAnimationFrame(() => setTimeout(go_on)));
    await window.gitexp?.drawn?.(); // curves first: git needs longer
    const answer = await fetch(place.dataset.part, { headers: { "X-Part": "1" } });
    if (!answer.ok) return;
    place.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
  }

  function sortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => sort(table, head, at));
    });
  }

  function sort(table, head, at) {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const number = (row) => { const cell = row.cells[at], found = parseFloat(cell.dataset.number ?? cell.textContent); return Number.isNaN(found) ? Infinity : found; };
    const numeric = head.classList.contains("number");
    const rows = [...table.tBodies[0].rows];
    rows.sort((one, other) => numeric ? number(one) - number(other) : one.cells[at].textContent.localeCompare(other.cells[at].textContent));
    table.tBodies[0].append(...(down ? rows.reverse() : rows));
  }

  addEventListener("popstate", () => { if (document.querySelector("form.query")) go(location.href, { push: false }); });
  addEventListener("keydown", (event) => {
    const where = document.getElementById("where");
    if (event.key === "/" && where && !event.target.closest("input, textarea, select")) { event.preventDefault(); where.focus(); }
  });
  begin(document.getElementById("main"));
})();
