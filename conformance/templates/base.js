// A link to what is folded in opens it, when it is followed a second time too. `reveal` takes back
// what hides it.
const followLinks = reveal => {
  const follow = () => {
    let item = null;
    try { item = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { /* no id */ }
    if (!item) return;
    if (item.closest("[hidden]")) reveal();
    if (item.matches("details")) item.open = true;
    item.scrollIntoView();
    item.querySelector("summary")?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", event => {
    const link = event.target.closest("a[href^='#']");
    if (link?.hash !== location.hash || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follow();
  });
  follow();
};

// A search field and buttons that stay pressed narrow what `filter` shows. Where they are `atFirst`,
// nothing is hidden: there they go back to when a link leads to what they hide.
const narrowBy = (search, buttons, atFirst, filter) => {
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") === "false"));
      filter();
    });
  }
  search.addEventListener("input", filter);
  filter();
  followLinks(() => {
    search.value = "";
    for (const button of buttons) button.setAttribute("aria-pressed", atFirst);
    filter();
  });
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
      button.addEventListener("click", () => {
        theme = order[(order.indexOf(theme) + 1) % order.length];
        keep(theme);
        show(theme);
      });
    }
  });
  // What needs scripts is shown where they run.
  document.addEventListener("DOMContentLoaded", () => {
    for (const part of document.querySelectorAll("[data-live]")) part.hidden = false;
  });
  // What scrolls can be scrolled by the keyboard, in browsers too that do not see to that.
  const scrolling = new ResizeObserver(seen => {
    for (const { target } of seen) {
      const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
      if (scrolls && !target.querySelector("a[href], button")) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const part of document.querySelectorAll(".scroll, pre")) scrolling.observe(part);
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
