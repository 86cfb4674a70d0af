(() => {
  const all = [...document.querySelectorAll("[data-verdict]")];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const buttons = [...document.querySelectorAll("[data-filter]")];
  const text = new Map(all.map(item =>
    [item, `${item.dataset.text} ${item.closest("[data-clause]").dataset.clause}`.toLowerCase()]));

  const filter = () => {
    const off = new Set(buttons.filter(b => b.getAttribute("aria-pressed") === "false").map(b => b.dataset.filter));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const item of all) {
      const fits = !off.has(item.dataset.verdict) && words.every(word => text.get(item).includes(word));
      item.hidden = !fits;
      count += fits;
    }
    for (const passed of document.querySelectorAll(".passed")) {
      passed.hidden = !passed.querySelector("[data-verdict]:not([hidden])");
      // Whoever searches wants to see what fits.
      if (words.length > 0) passed.open = !passed.hidden;
    }
    for (const outer of document.querySelectorAll(".clause, section[data-chapter]")) {
      outer.hidden = !outer.querySelector("[data-verdict]:not([hidden])");
    }
    shown.textContent = count === all.length ? `${count} cases` : `${count} of ${all.length} cases`;
    document.getElementById("nothing").hidden = count > 0;
  };

  const openAll = document.getElementById("open-all");
  openAll.addEventListener("click", () => {
    const cases = [...document.querySelectorAll(".case:not([hidden])")];
    const open = cases.some(item => !item.open);
    for (const item of cases) item.open = open;
    openAll.textContent = open ? "Close all" : "Open all";
  });

  narrowBy(search, buttons, "true", filter);

  const bad = /^(fail|crash|flaky|unproven|broken)$/;
  document.addEventListener("keydown", event => {
    const typing = /^(input|select|textarea)$/i.test(event.target.tagName ?? "");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !/^[np]$/.test(event.key)) return;
    const failures = all.filter(item => !item.hidden && bad.test(item.dataset.verdict));
    if (failures.length === 0) return;
    const here = failures.indexOf(document.activeElement?.closest(".case"));
    const step = event.key === "n" ? 1 : -1;
    const from = here < 0 && step < 0 ? 0 : here;
    const next = failures[(from + step + failures.length) % failures.length];
    next.open = true;
    next.scrollIntoView({ block: "center" });
    next.querySelector("summary").focus({ preventScroll: true });
  });

  if (navigator.clipboard) {
    for (const button of document.querySelectorAll(".copy")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(button.previousElementSibling.textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not permitted";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
    }
  }
})();
