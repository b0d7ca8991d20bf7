// The lists of runs: filters act at once, and Compare waits until two runs are chosen.
for (const form of document.querySelectorAll("form[data-autosubmit]")) {
  form.querySelector("[data-submit]").hidden = true;
  form.addEventListener("change", (event) => {
    if (event.target.name === "metric") {
      const marker = form.querySelector("[data-columns]");
      if (marker) marker.disabled = false;
      return;
    }
    leaveOutEmpty(form);
    form.requestSubmit();
  });
  form.addEventListener("submit", () => leaveOutEmpty(form));
}

function leaveOutEmpty(form) {
  for (const select of form.querySelectorAll("select")) select.disabled = select.value === "";
}

window.addEventListener("pageshow", () => {
  for (const select of document.querySelectorAll("form[data-autosubmit] select")) select.disabled = false;
});

const compare = document.querySelector("[data-compare]");
if (compare) {
  // A tick that was set or taken away while the rows were asked for counts more than what they were asked with.
  const boxes = () => document.querySelectorAll("input[name='runs']");
  let ticks = new Map();
  document.addEventListener("htmx:beforeSwap", () => {
    ticks = new Map([...boxes()].map((box) => [box.value, box.checked]));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const box of boxes()) box.checked = ticks.get(box.value) ?? box.checked;
  });
  const update = () => {
    compare.disabled = document.querySelectorAll("input[name='runs']:checked").length < 2;
  };
  document.addEventListener("change", update);
  document.addEventListener("htmx:afterSwap", update);
  update();
}
