// Sends chosen files one by one while the rest of the form is still being filled in, with a bar for each. What has
// arrived is represented by a signed token; the form then carries tokens and no files.
const words = () => document.getElementById("kata-berkas")?.dataset;

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
  const dictionary = words();
  if (!dictionary?.upload) return;
  let queue = Promise.resolve();
  let going = 0;

  form.querySelectorAll("input[type=file]:not([data-plain])").forEach((chooser) => {
    const list = document.getElementById(`${chooser.id}-daftar`);
    // Without its name the chooser is not posted: its files go ahead of the form.
    const field = chooser.name;
    chooser.removeAttribute("name");
    chooser.dataset.scripted = "yes";
    chooser.addEventListener("change", () => {
      [...chooser.files].forEach((file) => {
        const shown = row(list, file);
        const request = new XMLHttpRequest();
        let dropped = false;
        shown.drop.addEventListener("click", () => {
          dropped = true;
          request.abort();
          shown.item.remove();
          chooser.focus();
        });
        going += 1;
        queue = queue.then(() => (dropped ? null : send(form, field, file, shown, request))).finally(() => { going -= 1; });
      });
      chooser.value = "";
    });
  });

  // A form that is sent while a file is under way waits for it.
  form.addEventListener("submit", (event) => {
    if (!going) return;
    event.preventDefault();
    const note = form.querySelector("[data-sending]");
    if (note) note.hidden = false;
    const button = event.submitter;
    queue.then(() => form.requestSubmit(button));
  });
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
