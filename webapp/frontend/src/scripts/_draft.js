// Keeps what is typed into a form until it has been sent, in the memory of this browser window only: it outlives a
// reload, an expired session and a lost connection, and is gone when the window is closed. Files are not kept.
import { isOfRows } from "./_rows.js";

const NOT_KEPT = new Set(["csrf_token", "_key", "revision"]);

// Starts keeping, shows again what was kept, and gives a function that does the latter once more (for lists whose
// choices come later), or nothing when there was nothing to show.
export function keepDraft(form, drawMissing) {
  const place = `draft:${form.dataset.draft}`;
  const kind = (field) => (field.type === "hidden" && /[~@#]$/.test(field.name) ? "rows" : field.type);
  const fields = () => [...form.elements].filter((field) => field.name && !NOT_KEPT.has(field.name) && !["file", "hidden", "submit", "button", "password"].includes(kind(field)));

  let drawing = false;
  const save = () => {
    const kept = fields().map((field) => [field.name, field.value, field.type === "checkbox" || field.type === "radio" ? field.checked : null]);
    try {
      sessionStorage.setItem(place, JSON.stringify(kept));
    } catch {
      // Storage may be full or forbidden; then nothing is kept, and the page says nothing it cannot hold.
    }
  };

  const restore = () => {
    let kept;
    try {
      kept = JSON.parse(sessionStorage.getItem(place) || "null");
    } catch {
      kept = null;
    }
    if (!kept) return false;
    if (drawMissing && !drawing && kept.some(([name]) => isOfRows(name) && !form.elements[name])) {
      drawing = true;
      drawMissing(kept);
    }
    for (const [name, value, checked] of kept) {
      for (const field of fields().filter((candidate) => candidate.name === name)) {
        if (checked === null) field.value = value;
        else if (field.value === value) field.checked = checked;
      }
    }
    return true;
  };

  // What the server sent back after a refusal is newer than what was kept.
  const fromServer = form.dataset.draftState === "answered";
  const restored = !fromServer && restore();
  form.addEventListener("input", save);
  form.addEventListener("change", save);
  if (fromServer) save();
  return restored ? restore : null;
}

export function forgetDrafts() {
  try {
    Object.keys(sessionStorage).filter((name) => name.startsWith("draft:")).forEach((name) => sessionStorage.removeItem(name));
  } catch {
    // Nothing was kept, then.
  }
}
