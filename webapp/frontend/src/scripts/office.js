// Runs on officers' pages: keeps what is typed into forms that ask for it, shows fields when their turn comes, and
// brings what waits in a diagram into view.
import { followConditions } from "./_conditions.js";
import { keepDraft } from "./_draft.js";
import { drawKeptRows, stepInPlace } from "./_rows.js";

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    const restored = keepDraft(form, (kept) => drawKeptRows(form, kept, followConditions));
    stepInPlace(form, followConditions);
    const note = form.querySelector("[data-draft-restored]");
    if (restored && note) note.hidden = false;
  });
  document.querySelectorAll("form").forEach(followConditions);
  document.querySelectorAll("[data-scroll-to]").forEach(bringIntoView);
});

// Scrolls the region alone, never the page. Of several selectors, parted by "|", the first that finds something counts.
function bringIntoView(region) {
  const element = region.dataset.scrollTo.split("|").map((each) => region.querySelector(each.trim())).find(Boolean);
  if (!element) return;
  const here = region.getBoundingClientRect();
  const there = element.getBoundingClientRect();
  region.scrollLeft += there.left + there.width / 2 - here.left - here.width / 2;
  region.scrollTop += there.top + there.height / 2 - here.top - here.height / 2;
}
