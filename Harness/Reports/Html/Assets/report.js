"use strict";
(() => {
  const rows = [...document.querySelectorAll("tr.scenario")].map(row => ({
    row, detail: row.nextElementSibling, outcome: row.dataset.outcome,
    button: row.querySelector("button"),
    text: (row.textContent + " " + row.nextElementSibling.textContent + " " + row.parentElement.rows[0].textContent).toLowerCase(),
  }));
  const form = document.getElementById("filters");
  const search = document.getElementById("text");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");

  const apply = () => {
    const outcomes = new Set([...form.querySelectorAll("input[name=outcome]:checked")].map(box => box.value));
    const words = search.value.toLowerCase().split(/\s+/).filter(word => word);
    let count = 0;
    const groups = new Map();
    for (const entry of rows) {
      const visible = outcomes.has(entry.outcome) && words.every(word => entry.text.includes(word));
      count += visible;
      const body = entry.row.parentElement;
      groups.set(body, groups.get(body) || visible);
      if (entry.row.hidden === visible) entry.row.hidden = !visible;
      const open = visible && entry.button.getAttribute("aria-expanded") === "true";
      if (entry.detail.hidden === open) entry.detail.hidden = !open;
    }
    for (const [body, visible] of groups) body.hidden = !visible;
    shown.textContent = `${count} of ${rows.length} shown`;
    nothing.hidden = count > 0;
  };

  let traces = null;
  const time = micros => micros < 1000 ? `${micros} µs` : micros < 1e6 ? `${(micros / 1000).toFixed(2)} ms` : `${(micros / 1e6).toFixed(3)} s`;

  const cell = (row, text, kind, name) => {
    const made = document.createElement(kind || "td");
    made.textContent = text;
    if (name) made.className = name;
    row.append(made);
    return made;
  };

  const build = place => {
    traces ??= JSON.parse(document.getElementById("traces").textContent);
    const trace = traces[place.dataset.trace];
    const table = document.createElement("table");
    table.className = "steps";
    const head = table.createTHead().insertRow();
    for (const title of ["Step", "At", "Took", "Who", "Operation", "Seen by", "Seen"]) cell(head, title, "th").scope = "col";
    const body = table.createTBody();
    let next = 0;
    for (const [index, at, took, actor, operation, witness, seen] of trace.steps) {
      if (index > next) {
        const gap = cell(body.insertRow(), `⋯ ${index - next} steps are left out here; the run directory has all of them below traces/`, "td", "quiet");
        gap.colSpan = 7;
      }
      next = index + 1;
      const row = body.insertRow();
      const diverges = index === trace.diverges;
      if (diverges) row.className = "diverges";
      cell(row, (diverges ? "✗ " : "") + (index + 1), "td", "num");
      cell(row, time(at), "td", "num");
      cell(row, time(took), "td", "num");
      cell(row, actor);
      cell(row, operation, "td", "mono");
      cell(row, witness);
      cell(row, seen + (diverges ? " (no model state explains this)" : ""), "td", "mono");
    }
    place.append(table);
  };

  const toggle = (entry, open) => {
    entry.button.setAttribute("aria-expanded", String(open));
    entry.detail.hidden = !open;
    const place = entry.detail.querySelector("[data-trace]");
    if (open && place && !place.firstChild) build(place);
  };

  for (const entry of rows)
    entry.button.addEventListener("click", () => toggle(entry, entry.detail.hidden));
  form.addEventListener("change", apply);
  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  for (const link of document.querySelectorAll("a.to-row"))
    link.addEventListener("click", event => {
      const entry = rows.find(candidate => `#${candidate.row.id}` === link.hash);
      if (!entry) return;
      event.preventDefault();
      for (const box of form.querySelectorAll("input[name=outcome]")) box.checked = true;
      search.value = "";
      apply();
      toggle(entry, true);
      entry.row.scrollIntoView();
      entry.button.focus({ preventScroll: true });
    });
  apply();
})();
