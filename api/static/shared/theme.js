// Light or dark: as the browser is set, until somebody chooses.

function apply(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Takes the kept choice, and lets `button` change it. */
export function followTheme(button) {
  apply(localStorage.getItem("berth.theme"));
  button?.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    localStorage.setItem("berth.theme", theme);
    apply(theme);
  });
}
