// What every page shares: messages, the help, posts with their token, and whether a key is meant for the page.

const message = document.getElementById("message");
const help = document.getElementById("help");
let fading = 0;

export function tell(text, isError = false) {
  if (!message) return;
  message.textContent = text;
  message.classList.toggle("alert", isError);
  message.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => message.classList.remove("shown"), isError ? 8000 : 1500);
}

/** Send a form by script; give the answer, or null after telling what went wrong. */
export async function post(form, submitter) {
  const data = new FormData(form, submitter);
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(data) });
    const values = await answer.json();
    if (!answer.ok) {
      tell(values.error, true);
      return null;
    }
    tell(document.body.dataset.saved);
    return values;
  } catch {
    tell(document.body.dataset.notSaved, true);
    return null;
  }
}

/** Call the action of a key, unless somebody types, or holds Ctrl, Alt or Meta. Keys are told by place for Russian layouts. */
export function onKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const at = event.target;
    const isTyping = at instanceof HTMLElement && (at.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName));
    if (isTyping && !(at instanceof HTMLInputElement && at.type === "checkbox")) {
      if (event.key === "Escape") at.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    const action = actions[event.key] ?? actions[letter(event)];
    if (action && action(event) !== false) event.preventDefault();
  });
}

// Letters lie where they lie whatever the layout; ? is Shift and another key on every layout, so it is told by what it types.
function letter(event) {
  if (event.code.startsWith("Key")) return event.code.slice(3).toLowerCase();
  if (event.code.startsWith("Digit") && !event.shiftKey) return event.code.slice(5);
  if (event.code.startsWith("Numpad")) return event.code.slice(6);
  if (event.code === "Slash" && event.shiftKey) return "?";
  return event.key;
}

export function showHelp() {
  if (help && !help.open) help.showModal();
}

document.getElementById("help-open")?.addEventListener("click", showHelp);

export const list = {
  save(values) {
    try {
      sessionStorage.setItem("desk.list", JSON.stringify(values));
    } catch { /* private windows may refuse: then the keys for the next call do nothing */ }
  },
  load() {
    try {
      return JSON.parse(sessionStorage.getItem("desk.list")) ?? { addresses: [], next: "" };
    } catch {
      return { addresses: [], next: "" };
    }
  },
};

if (!document.body.matches(".call, .list")) onKeys({ "?": showHelp });
