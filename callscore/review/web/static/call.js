// A call's page by key: criteria, verdicts, the transcript that follows the sound, corrections of words.

import { list, onKeys, post, showHelp } from "./frame.js";
import { player } from "./player.js";

const body = document.body;
const criteria = [...document.querySelectorAll(".criterion")];
const turns = [...document.querySelectorAll("#turns > li")];
const edit = document.getElementById("edit");
let chosen = null;
let isFresh = true;

// Criteria ------------------------------------------------------------------------------------------------------------------

function choose(item, { play = false } = {}) {
  if (!item) return;
  chosen?.classList.remove("chosen");
  chosen?.removeAttribute("aria-current");
  chosen = item;
  isFresh = true;
  item.classList.add("chosen");
  item.setAttribute("aria-current", "true");
  item.scrollIntoView({ block: "nearest" });
  item.focus({ preventScroll: true });
  showPlace(item);
  if (play) listen();
}

/** Show the transcript where the criterion's evidence is. */
function showPlace(item) {
  document.querySelectorAll(".turn.place").forEach((turn) => turn.classList.remove("place"));
  if (!item.dataset.start) return;
  const [start, end] = [Number(item.dataset.start), Number(item.dataset.end)];
  const places = turns.filter((turn) => Number(turn.dataset.s) < end && Number(turn.dataset.e) > start);
  places.slice(0, 6).forEach((turn) => turn.classList.add("place"));
  places[0]?.scrollIntoView({ block: "center" });
}

function listen() {
  if (!chosen?.dataset.start) return false;
  player.span(Number(chosen.dataset.start) / 1000, Number(chosen.dataset.end) / 1000);
  isFresh = false;
  return true;
}

function step(by, wanted = () => true) {
  const from = criteria.indexOf(chosen);
  for (let at = from + by; at >= 0 && at < criteria.length; at += by) {
    if (wanted(criteria[at])) return criteria[at];
  }
  return null;
}

function doubt(by) {
  const found = step(by, (item) => item.classList.contains("doubt"));
  if (found) choose(found, { play: true });
}

async function give(form, submitter) {
  const item = form.closest(".criterion");
  const values = await post(form, submitter);
  if (!values) return;
  form.reason.value = "";
  item.classList.remove("doubt");
  item.focus({ preventScroll: true });
  if (form.session.value) {
    const yours = item.querySelector(".yours");
    yours.textContent = values.yours;
    return;
  }
  const badge = item.querySelector(".badge");
  badge.textContent = values.verdict_text;
  badge.className = `badge v-${values.verdict}`;
  item.dataset.verdict = values.verdict;
  item.querySelector(".points").textContent = values.points;
  item.querySelector(".disputed").hidden = !values.is_disputed;
  form.querySelectorAll("button[name=verdict]").forEach((button) => button.setAttribute("aria-pressed", String(button.value === values.verdict)));
  showGiven(item.querySelector(".given"), values.given);
  const score = item.closest("article").querySelector(".score");
  const now = score.querySelector(".now");
  if (now) {
    now.textContent = values.score;
    score.querySelector(".was").textContent = values.machine ? `${score.dataset.machine ?? "←"} ${values.machine}` : "";
    score.querySelector(".critical").textContent = values.critical;
  }
}

function showGiven(place, given) {
  place.replaceChildren(...given.map(([who, at, verdict, reason]) => {
    const line = document.createElement("li");
    const name = document.createElement("b");
    const time = document.createElement("time");
    name.textContent = who;
    time.textContent = at;
    line.append(name, " ", time, ` ${verdict}${reason ? `: ${reason}` : ""}`);
    return line;
  }));
}

function verdict(number) {
  if (!chosen) choose(criteria[0]);
  const buttons = chosen?.querySelectorAll(".give button[name=verdict]");
  if (!buttons?.length) return false;
  give(buttons[0].form, buttons[number]);
  return true;
}

document.querySelectorAll("form.give").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    give(form, event.submitter);
  });
  form.reason.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    event.preventDefault();
    const current = form.closest(".criterion").dataset.verdict;
    const button = form.querySelector(`button[value="${current || "unsure"}"]`);
    give(form, button).then(() => choose(form.closest(".criterion")));
  });
});

criteria.forEach((item) => item.addEventListener("click", (event) => {
  const quote = event.target.closest(".quote");
  if (item !== chosen && !event.target.closest("button, textarea, input, select, summary")) choose(item);
  if (!quote) return;
  choose(item);
  player.span(Number(quote.dataset.start) / 1000, Number(quote.dataset.end) / 1000);
  isFresh = false;
}));

// Transcript ----------------------------------------------------------------------------------------------------------------

let playing = [];

player.onTime((ms) => {
  const now = turns.filter((turn) => Number(turn.dataset.s) <= ms && ms < Number(turn.dataset.e));
  playing.filter((turn) => !now.includes(turn)).forEach((turn) => {
    turn.classList.remove("now");
    turn.querySelector(".said")?.classList.remove("said");
  });
  for (const turn of now) {
    if (!turn.classList.contains("now")) {
      turn.classList.add("now");
      if (player.isPlaying) turn.scrollIntoView({ block: "nearest" });
    }
    const words = [...turn.querySelectorAll("p span")];
    const word = words.findLast((one) => Number(one.dataset.t) <= ms);
    if (word && !word.classList.contains("said")) {
      turn.querySelector(".said")?.classList.remove("said");
      word.classList.add("said");
    }
  }
  playing = now;
});

document.getElementById("turns")?.addEventListener("click", (event) => {
  const word = event.target.closest("p span[data-t]");
  const at = event.target.closest("button.at");
  if (word) player.seek(Number(word.dataset.t) / 1000);
  else if (at) {
    player.seek(Number(at.closest("li").dataset.s) / 1000);
    player.toggle();
  }
});

document.getElementById("turns")?.addEventListener("dblclick", (event) => {
  const turn = event.target.closest(".turn");
  if (turn) openEdit(turn, event.target.closest("p span[data-t]"));
});

/** Open the form for a word, or for the whole turn. */
function openEdit(turn, word) {
  if (!edit || !document.querySelector("form.give")) return;
  const [wordForm, roleForm] = edit.querySelectorAll("form");
  wordForm.turn.value = turn.dataset.n;
  roleForm.turn.value = turn.dataset.n;
  wordForm.word.value = word ? [...turn.querySelectorAll("p span[data-t]")].indexOf(word) : "";
  wordForm.text.value = (word ?? turn.querySelector("p")).textContent.trim();
  edit.showModal();
  wordForm.text.select();
}

function editHere() {
  const word = document.querySelector("#turns .said");
  const turn = word?.closest(".turn") ?? document.querySelector("#turns .turn.place");
  if (!turn) return false;
  openEdit(turn, word);
  return true;
}

document.getElementById("edit-close")?.addEventListener("click", () => edit.close());
edit?.querySelectorAll("form").forEach((form) => form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const values = await post(form, event.submitter);
  if (!values) return;
  edit.close();
  const turn = turns.find((one) => one.dataset.n === form.turn.value);
  if (event.submitter?.name === "role") {
    turn.classList.remove("operator", "client", "system");
    turn.classList.add(event.submitter.value);
    turn.querySelector(".by b").textContent = event.submitter.textContent;
    return;
  }
  const word = form.word.value === "" ? null : turn.querySelectorAll("p span[data-t]")[Number(form.word.value)];
  const place = word ?? turn.querySelector("p");
  const before = place.textContent.trim();
  place.textContent = form.text.value || "∅";
  place.className = "fixed";
  place.title = body.dataset.heard.replace("%", before);
}));

// Calls ---------------------------------------------------------------------------------------------------------------------

function neighbour(by) {
  const known = list.load();
  const id = new URL(location.href).searchParams.get("id");
  const at = known.addresses.findIndex((address) => new URL(address, location.href).searchParams.get("id") === id);
  const address = known.addresses[at + by];
  if (at < 0) location.href = known.here ?? "/";
  else if (address) location.href = address;
  else if (by > 0 && known.next) location.href = known.next;
  else location.href = known.here ?? "/";
}

document.getElementById("next-call").addEventListener("click", () => neighbour(1));
document.getElementById("previous-call").addEventListener("click", () => neighbour(-1));
document.getElementById("seen")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await post(event.target)) neighbour(1);
});

// A place to cut: what is played, or the chosen criterion's quote.
document.querySelector("details.clip")?.addEventListener("toggle", (event) => {
  const form = document.getElementById("clip");
  if (!event.target.open || form.start.value) return;
  const start = chosen?.dataset.start ? Number(chosen.dataset.start) / 1000 - 1 : player.seconds;
  const end = chosen?.dataset.end ? Number(chosen.dataset.end) / 1000 + 1 : player.seconds + 10;
  form.start.value = Math.max(0, start).toFixed(1);
  form.end.value = end.toFixed(1);
});
document.getElementById("clip")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await post(event.target)) event.target.closest("details").open = false;
});

onKeys({
  1: () => verdict(0),
  2: () => verdict(1),
  3: () => verdict(2),
  4: () => verdict(3),
  // A button that has the focus is pressed by Space, as everywhere.
  " ": (event) => {
    if (event.target.closest?.("button, summary, a")) return false;
    if (player.isPlaying || !isFresh || !listen()) player.toggle();
    return true;
  },
  n: () => doubt(1),
  p: () => doubt(-1),
  ArrowDown: () => choose(step(1)),
  ArrowUp: () => choose(step(-1)),
  ArrowLeft: () => player.seek(player.seconds - 3),
  ArrowRight: () => player.seek(player.seconds + 3),
  j: () => neighbour(1),
  k: () => neighbour(-1),
  e: editHere,
  c: () => {
    const field = chosen?.querySelector("textarea[name=reason]");
    if (!field) return false;
    field.focus();
    return true;
  },
  "?": showHelp,
});

// One key less: the first doubt is chosen, and Space plays its place.
const wanted = body.dataset.at && criteria.find((item) => item.dataset.key === body.dataset.at);
choose(wanted || criteria.find((item) => item.classList.contains("doubt")) || criteria[0]);
window.scrollTo(0, 0);

// From the search: the place that was found, ready to be played.
const place = Number(new URL(location.href).searchParams.get("t"));
if (place > 0) {
  player.seek(Math.max(0, place / 1000 - 1));
  isFresh = false;
  turns.findLast((turn) => Number(turn.dataset.s) <= place)?.scrollIntoView({ block: "center" });
}
