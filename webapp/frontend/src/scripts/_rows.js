// Rows of lists come and go without the page being loaded anew. The buttons are submit buttons of the form; whatever
// does not succeed here is simply sent, and the server draws the page.
async function ask(form, body) {
  const response = await fetch(form.action, { method: "POST", body });
  if (!response.ok) throw new Error(String(response.status));
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const drawn = [...page.querySelectorAll("form")].find((each) => each.getAttribute("action") === form.getAttribute("action") && each.querySelector("[data-rows]"));
  if (!drawn) throw new Error("no form");
  form.replaceChildren(...drawn.childNodes);
  return form;
}

// `again` starts what runs on the fields of the form.
export function stepInPlace(form, again) {
  if (!form.querySelector("[data-rows]")) return;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || button?.dataset.step !== "row") return;
    event.preventDefault();
    const body = new FormData(form);
    body.append(button.name, button.value);
    try {
      await ask(form, body);
      again(form);
      // What is kept of the draft follows.
      form.dispatchEvent(new Event("input"));
      form.querySelector("[autofocus]")?.focus();
    } catch {
      button.dataset.step = "";
      form.requestSubmit(button);
    }
  });
}

// What is posted of the rows of lists: their fields, how many there are, and the rows that do not stand in the page.
export const isOfRows = (name) => /\[\d+\]|[~@]$/.test(name);

// Has the rows drawn that a kept draft speaks of and the page does not have: [name, value, checked] as `_draft` keeps them.
export async function drawKeptRows(form, kept, again) {
  const missing = kept.find(([name]) => isOfRows(name) && !form.elements[name]);
  if (!missing) return false;
  const body = new FormData();
  body.append("csrf_token", form.elements.csrf_token.value);
  kept.forEach(([name, value, checked]) => {
    if (checked !== false) body.append(name, value);
  });
  const list = missing[0].split(/[[~#@]/)[0];
  // Turning to the page where one is draws the form anew and changes nothing.
  body.append("_turn_rows", `${list}:${kept.find(([name]) => name === `${list}@`)?.[1] || 1}`);
  try {
    await ask(form, body);
  } catch {
    return false;
  }
  again(form);
  return true;
}
