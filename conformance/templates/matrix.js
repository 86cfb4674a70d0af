(() => {
  const rows = [...document.querySelectorAll("tr[data-text]")];
  const search = document.getElementById("search");
  const buttons = [...document.querySelectorAll("[data-only]")];
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = buttons.filter(b => b.getAttribute("aria-pressed") === "true").map(b => b.dataset.only);
    let count = 0;
    for (const row of rows) {
      const fits = only.every(name => name in row.dataset) && words.every(word => row.dataset.text.includes(word));
      row.hidden = !fits;
      count += fits;
    }
    for (const body of document.querySelectorAll("tbody[data-chapter]")) {
      body.hidden = !body.querySelector("tr[data-text]:not([hidden])");
    }
    document.getElementById("shown").textContent =
      count === rows.length ? `${count} clauses` : `${count} of ${rows.length} clauses`;
    document.getElementById("nothing").hidden = count > 0;
  };
  narrowBy(search, buttons, "false", filter);
})();
