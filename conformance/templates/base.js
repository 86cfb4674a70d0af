// What a link ends with. A hash can be typed by anybody.
const anchor = () => {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; }
};
// The theme follows the system until somebody chooses; the choice is kept if the browser allows it.
(() => {
  const root = document.documentElement;
  const order = ["auto", "light", "dark"];
  const kept = () => { try { return localStorage.getItem("sealwire-theme"); } catch { return null; } };
  const keep = theme => { try { localStorage.setItem("sealwire-theme", theme); } catch { /* private window */ } };
  const show = theme => {
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.dataset.current = theme;
      button.textContent = `Theme: ${theme}`;
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    let theme = order.includes(kept()) ? kept() : "auto";
    show(theme);
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        theme = order[(order.indexOf(theme) + 1) % order.length];
        keep(theme);
        show(theme);
      });
    }
  });
  // "/" goes to the search field, as in many places; Escape empties it.
  document.addEventListener("keydown", event => {
    const search = document.querySelector("input[type=search]");
    if (!search) return;
    const typing = /^(input|select|textarea)$/i.test(event.target.tagName ?? "");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && event.target === search && search.value) {
      search.value = "";
      search.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})();
