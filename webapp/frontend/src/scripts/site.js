// Runs on every page, first: lets style sheets know that scripts run, and keeps double presses from posting twice.
document.documentElement.classList.add("app-has-js");

document.addEventListener("DOMContentLoaded", () => {
  const summary = document.querySelector(".govuk-error-summary");
  if (summary) summary.focus();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // A page taken from the browser's memory must be usable again, and an answer that is a download leaves it open.
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => print()));
});
