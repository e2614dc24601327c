"use strict";
// Sorting and filtering of tables. The page reads as well without it.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const key = (row, place) => {
    const cell = row.cells[place];
    return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v;
  };
  const compare = (a, b) => {
    const unknown = (text) => text === "" || text === "-";
    if (unknown(a) || unknown(b)) return unknown(a) - unknown(b);
    const difference = Number(a) - Number(b);
    return Number.isNaN(difference) ? a.localeCompare(b, document.documentElement.lang, { numeric: true }) : difference;
  };
  heads.forEach((head, place) => {
    if (rows.length < 2) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const known = (row) => !["", "-"].includes(key(row, place));
      rows.sort((a, b) => (down && known(a) && known(b) ? -1 : 1) * compare(key(a, place), key(b, place)));
      body.append(...rows);
    });
  });
  if (rows.length > 12) {
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = FIND;
    field.setAttribute("aria-label", FIND);
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    table.parentElement.before(field);
  }
}
