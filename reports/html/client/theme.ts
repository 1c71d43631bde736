const STORAGE_KEY = "motherduck-tokens-theme";

/** Remembers the state of the theme switch, which is CSS only, where the browser allows that for a file. */
export function rememberTheme(): void {
  const inputs = document.querySelectorAll<HTMLInputElement>("input[name=theme]");
  const known = attempt(() => localStorage.getItem(STORAGE_KEY));
  for (const input of inputs) {
    if (input.value === known) input.checked = true;
    input.addEventListener("change", () => attempt(() => localStorage.setItem(STORAGE_KEY, input.value)));
  }
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
