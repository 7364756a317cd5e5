// Runs on the form of a report and on the tracking page: keeps drafts, sends files ahead, offers the villages of the
// chosen kecamatan, shows fields when their turn comes. Every page works without it.
import { followConditions } from "./_conditions.js";
import { keepDraft } from "./_draft.js";
import { drawKeptRows, stepInPlace } from "./_rows.js";
import { sendAhead } from "./_uploads.js";

function offerVillages(form, lists) {
  const district = form.elements[lists.district];
  const village = form.elements[lists.village];
  if (!district || !village) return Promise.resolve();
  const first = village.options[0];
  // Once the villages are offered here, the server need not ask for one in a step of its own.
  const asked = document.createElement("input");
  asked.type = "hidden";
  asked.name = lists.asked;
  asked.value = "1";
  const fill = async () => {
    const address = lists.addresses[district.value];
    const chosen = village.value;
    if (!address) {
      village.replaceChildren(first);
      asked.remove();
      return;
    }
    try {
      const names = await (await fetch(address)).json();
      village.replaceChildren(first, ...names.map(([code, name]) => new Option(name, code, false, code === chosen)));
      form.append(asked);
    } catch {
      // Without the list the server asks for the village in a step of its own.
    }
  };
  district.addEventListener("change", fill);
  if (village.options.length > 1) form.append(asked);
  return district.value && village.options.length < 2 ? fill() : Promise.resolve();
}

function offerPosition(form, names) {
  const latitude = form.elements[names.latitude];
  const longitude = form.elements[names.longitude];
  const words = document.getElementById("kata-berkas")?.dataset;
  if (!latitude || !longitude || !words?.here || !navigator.geolocation) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary";
  button.textContent = words.here;
  const note = document.createElement("p");
  note.className = "app-muted app-small";
  note.setAttribute("role", "status");
  button.addEventListener("click", () => {
    note.textContent = "";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        latitude.value = coords.latitude.toFixed(6);
        longitude.value = coords.longitude.toFixed(6);
        latitude.dispatchEvent(new Event("input", { bubbles: true }));
        note.textContent = `${latitude.value}; ${longitude.value}`;
      },
      () => { note.textContent = words.nowhere; },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
  latitude.closest(".govuk-form-group").before(button, note);
}

document.addEventListener("DOMContentLoaded", async () => {
  const aids = JSON.parse(document.getElementById("bantuan")?.textContent || "{}");
  for (const form of document.querySelectorAll("main form")) {
    // Where nobody is to know who reported, nothing is kept in the browser either.
    const again = (drawn) => {
      followConditions(drawn);
      sendAhead(drawn);
    };
    const restored = form.dataset.draft ? keepDraft(form, (kept) => drawKeptRows(form, kept, again)) : null;
    const note = form.querySelector("[data-draft-restored]");
    if (restored && note) note.hidden = false;
    if (aids.villages) {
      await offerVillages(form, aids.villages);
      if (restored) restored();
    }
    offerPosition(form, aids);
    stepInPlace(form, again);
    again(form);
  }
});
