// Runs on the form of a report and on the tracking page: keeps drafts, sends files ahead, offers the villages of the
// chosen kecamatan, shows fields when their turn comes. Every page works without it.
import { followConditions } from "./_conditions.js";
import { keepDraft } from "./_draft.js";
import { sendAhead } from "./_uploads.js";

function offerVillages(form, lists) {
  const district = form.elements[lists.district];
  const village = form.elements[lists.village];
  if (!district || !village) return Promise.resolve();
  const first = village.options[0];
  const fill = async () => {
    const address = lists.addresses[district.value];
    const chosen = village.value;
    if (!address) {
      village.replaceChildren(first);
      return;
    }
    try {
      const names = await (await fetch(address)).json();
      village.replaceChildren(first, ...names.map(([code, name]) => new Option(name, code, false, code === chosen)));
    } catch {
      // Without the list the server asks for the village in a step of its own.
    }
  };
  district.addEventListener("change", fill);
  return district.value && village.options.length < 2 ? fill() : Promise.resolve();
}

document.addEventListener("DOMContentLoaded", async () => {
  const lists = JSON.parse(document.getElementById("daftar-desa")?.textContent || "null");
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const restored = keepDraft(form);
    const note = form.querySelector("[data-draft-restored]");
    if (restored && note) note.hidden = false;
    if (lists) await offerVillages(form, lists);
    followConditions(form);
    sendAhead(form);
  }
});
