// Sends chosen files one by one while the rest of the form is still being filled in, with a bar for each. What has
// arrived is represented by a signed token; the form then carries tokens and no files. A form with
// a file that did not arrive is not sent before its reader has taken the file away or chosen it again.
import { tellUnsent, unsent } from "./_unsent.js";

const words = () => document.getElementById("kata-berkas")?.dataset;

// Files go one after the other, whichever field they were chosen in.
let queue = Promise.resolve();
const watched = new WeakSet();

function row(list, file) {
  const item = document.createElement("li");
  item.className = "app-file app-file--going";
  const name = document.createElement("span");
  name.className = "app-file__name";
  name.textContent = file.name;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "app-file__drop";
  drop.textContent = words().drop;
  drop.setAttribute("aria-label", `${words().drop} ${file.name}`);
  const state = document.createElement("span");
  state.className = "app-file__state";
  state.textContent = words().waiting;
  const bar = document.createElement("progress");
  bar.className = "app-file__bar";
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  item.append(name, drop, state, bar);
  list.append(item);
  return { item, drop, state, bar };
}

export function sendAhead(form) {
  if (!words()?.upload) return;
  form.querySelectorAll("input[type=file]:not([data-plain], [data-scripted])").forEach((chooser) => {
    const list = document.getElementById(`${chooser.id}-daftar`);
    // Without its name the chooser is not posted: its files go ahead of the form.
    const field = chooser.name;
    chooser.removeAttribute("name");
    chooser.dataset.scripted = "yes";
    chooser.addEventListener("change", () => {
      [...chooser.files].forEach((file) => {
        // Whoever chooses a file again has answered for the time that it was refused.
        unsent(list).filter((failed) => failed.name === file.name).forEach((failed) => failed.item.remove());
        const shown = row(list, file);
        const request = new XMLHttpRequest();
        let dropped = false;
        shown.drop.addEventListener("click", () => {
          dropped = true;
          request.abort();
          shown.item.remove();
          tellUnsent(form, words());
          chooser.focus();
        });
        queue = queue.then(() => (dropped ? null : send(form, field, file, shown, request)));
      });
      chooser.value = "";
      tellUnsent(form, words());
    });
  });
  if (watched.has(form)) return;
  watched.add(form);
  // First of all that hear of the sending: also a row that comes in place draws the form anew, with what has arrived.
  form.addEventListener("submit", (event) => holdBack(form, event), { capture: true });
}

// A form that is sent while a file is under way waits for it; one with a file that did not arrive says so and stays.
function holdBack(form, event) {
  const going = form.querySelector(".app-file--going") !== null;
  const note = form.querySelector("[data-sending]");
  if (note) note.hidden = !going;
  if (!going && !unsent(form).length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  if (going) queue.then(() => form.requestSubmit(button));
  else tellUnsent(form, words(), { anew: true });
}

function send(form, field, file, shown, request) {
  const { item, state, bar } = shown;
  const fail = (sentence) => {
    item.className = "app-file app-file--failed";
    state.textContent = sentence || words().failed;
    bar.remove();
  };
  return new Promise((done) => {
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append(field, file, file.name);
    request.open("POST", words().upload);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      const share = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
      bar.value = share;
      state.textContent = `${words().sending} ${share}%`;
    });
    request.addEventListener("load", () => {
      if (request.status === 200 && request.response?.token) {
        const token = document.createElement("input");
        token.type = "hidden";
        token.name = `${field}_kept`;
        token.value = request.response.token;
        item.append(token);
        item.className = "app-file";
        state.textContent = words().done;
        bar.remove();
      } else fail(request.response?.problem);
    });
    request.addEventListener("error", () => fail());
    request.addEventListener("loadend", done);
    request.send(body);
  });
}
