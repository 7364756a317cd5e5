// Says at the head of the page which chosen files have not arrived, in the shape of the error summary of forms.html.
const SUMMARY = "berkas-belum-terkirim";

// The files inside `part` of the page that did not arrive: what stands for each in the list, its name and the reason.
export const unsent = (part) => [...part.querySelectorAll(".app-file--failed")].map((item) => ({
  item,
  name: item.querySelector(".app-file__name").textContent,
  reason: item.querySelector(".app-file__state").textContent,
}));

function made(name, className, ...inside) {
  const element = document.createElement(name);
  element.className = className;
  element.append(...inside);
  return element;
}

function sentence({ item, name, reason }, words) {
  const link = made("a", "", words.unsent.replace("{name}", () => name).replace("{reason}", () => reason));
  const drop = item.querySelector("button");
  link.href = "#";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    drop.focus();
  });
  return made("li", "", link);
}

// Without `anew` only a summary that stands already is brought up to date.
export function tellUnsent(form, words, { anew = false } = {}) {
  const former = document.getElementById(SUMMARY);
  if (!former && !anew) return;
  former?.remove();
  const files = unsent(form);
  if (!files.length) return;
  const title = made("h2", "govuk-error-summary__title", words.summary);
  const list = made("ul", "govuk-list govuk-error-summary__list", ...files.map((file) => sentence(file, words)));
  const alert = made("div", "", title, made("div", "govuk-error-summary__body", list));
  alert.setAttribute("role", "alert");
  const summary = made("div", "govuk-error-summary", alert);
  summary.id = SUMMARY;
  summary.tabIndex = -1;
  document.querySelector("main h1").before(summary);
  if (anew) summary.focus();
}
