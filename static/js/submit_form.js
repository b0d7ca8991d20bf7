// Forms that are sent once, the list of arguments while one types, and rows of variables.
for (const form of document.querySelectorAll("form[data-submit-form]")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("[data-once]");
    if (!button || (event.submitter && event.submitter.name === "part")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    button.classList.add("disabled");
    button.setAttribute("aria-busy", "true");
  });
}

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    const button = form.querySelector("[data-once]");
    button.classList.remove("disabled");
    button.removeAttribute("aria-busy");
  }
});

const rows = document.querySelector("[data-variables]");
if (rows) {
  const template = document.querySelector("[data-variable-template]");
  const total = document.querySelector("input[name='variables-TOTAL_FORMS']");
  document.querySelector("[data-add-variable]").addEventListener("click", (event) => {
    event.preventDefault();
    const number = Number(total.value);
    rows.insertAdjacentHTML("beforeend", template.innerHTML.replaceAll("__prefix__", number));
    total.value = number + 1;
    rows.querySelector(`[name='variables-${number}-name']`).focus();
  });
  rows.addEventListener("change", (event) => {
    if (event.target.type !== "checkbox") return;
    const value = event.target.closest(".variable").querySelector("[name$='-value']");
    value.type = event.target.checked ? "password" : "text";
    value.autocomplete = event.target.checked ? "new-password" : "off";
  });
}
