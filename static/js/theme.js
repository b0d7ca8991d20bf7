// The button that switches between light and dark. The choice is a cookie, so the server paints it; choosing what the
// system says anyway forgets the choice.
const COOKIE = "amlweb_theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

function themeOfSystem() {
  return system.matches ? "dark" : "light";
}

function choose(theme) {
  const isSystem = theme === themeOfSystem();
  const attributes = `path=/; SameSite=Lax; max-age=${isSystem ? 0 : 31536000}`;
  document.cookie = `${COOKIE}=${isSystem ? "" : theme}; ${attributes}${location.protocol === "https:" ? "; Secure" : ""}`;
  if (isSystem) delete document.documentElement.dataset.bsTheme;
  else document.documentElement.dataset.bsTheme = theme;
  document.dispatchEvent(new CustomEvent("themechange"));
}

export function startTheme() {
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const present = document.documentElement.dataset.bsTheme || themeOfSystem();
      choose(present === "dark" ? "light" : "dark");
    });
  }
  system.addEventListener("change", () => document.dispatchEvent(new CustomEvent("themechange")));
}
