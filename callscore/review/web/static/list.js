// A list of calls by key: Enter opens, arrows or j and k move; the call's page finds its neighbours in what is saved here.

import { list, onKeys, showHelp } from "./frame.js";

const table = document.getElementById("calls");
const links = table ? [...table.querySelectorAll("tbody th a")] : [];

if (table) {
  list.save({ addresses: links.map((link) => link.getAttribute("href")), next: table.dataset.next, here: location.pathname + location.search });
}

function move(by) {
  const at = links.indexOf(document.activeElement);
  const to = links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))];
  to?.focus();
  to?.closest("tr").scrollIntoView({ block: "nearest" });
}

// One key less: the first call is ready to be opened, unless somebody came for another place of the page.
if (links.length && !location.hash && !document.querySelector("[autofocus]")) links[0].focus({ preventScroll: true });

onKeys({
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => (document.activeElement === document.body && links[0] ? links[0].click() : false),
  "?": showHelp,
});

table?.addEventListener("click", (event) => {
  if (event.target.closest("a, button")) return;
  event.target.closest("tr")?.querySelector("th a")?.click();
});
