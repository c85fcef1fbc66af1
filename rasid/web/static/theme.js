// Light or dark, before anything is drawn: what the reader chose, else what the system says.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("rasid-theme");
    } catch {
      return null; // storage may be forbidden; the system's choice then holds
    }
  };
  const show = () => {
    document.documentElement.dataset.theme = chosen() || (system.matches ? "dark" : "light");
  };
  system.addEventListener("change", show);
  show();
  addEventListener("click", (event) => {
    if (!event.target.closest("#theme")) return;
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("rasid-theme", next);
    } catch {
      // not kept; shown all the same
    }
    document.documentElement.dataset.theme = next;
  });
})();
