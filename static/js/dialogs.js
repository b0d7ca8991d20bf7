// Buttons that open a <dialog>: data-opens="id". A link so marked leads to the same question as a page of its own when
// there is no script. Inside, data-closes shuts the dialog; so does a click beside it.
export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    const dialog = opener && document.getElementById(opener.dataset.opens);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    const shut = event.target.closest("dialog [data-closes]");
    if (shut) shut.closest("dialog").close();
    else if (event.target instanceof HTMLDialogElement) event.target.close();
  });
}
