// Runs on officers' pages: keeps what is typed into forms that ask for it, and shows fields when their turn comes.
import { followConditions } from "./_conditions.js";
import { keepDraft } from "./_draft.js";

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    const restored = keepDraft(form);
    const note = form.querySelector("[data-draft-restored]");
    if (restored && note) note.hidden = false;
  });
  document.querySelectorAll("form").forEach(followConditions);
});
