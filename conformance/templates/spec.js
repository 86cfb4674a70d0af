// The section that is being read is marked in the contents.
(() => {
  const links = new Map();
  for (const link of document.querySelectorAll(".sections a")) {
    const id = decodeURIComponent(link.hash.slice(1));
    links.set(id, [...(links.get(id) ?? []), link]);
  }
  const headings = [...links.keys()].map(id => document.getElementById(id)).filter(Boolean);
  if (!headings.length) return;
  let waiting = false;
  const mark = () => {
    waiting = false;
    const read = headings.filter(heading => heading.getBoundingClientRect().top < 120).pop();
    for (const [id, all] of links) {
      for (const link of all) {
        if (id === read?.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }
  };
  addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  }, { passive: true });
  mark();
  for (const link of document.querySelectorAll(".contents a")) {
    link.addEventListener("click", () => { document.querySelector(".contents").open = false; });
  }
})();

// Finding: headings and clauses of all pages, the nearest first.
(() => {
  const field = document.getElementById("spec-search");
  const list = document.getElementById("spec-results");
  const hits = JSON.parse(document.getElementById("spec-index").textContent);
  const most = 30;
  let chosen = -1;

  const worth = (hit, words) => {
    const name = hit.name.toLowerCase();
    const sentence = `${hit.level} ${hit.place} ${hit.sentence}`.toLowerCase();
    let sum = 0;
    for (const word of words) {
      if (name === word) sum += 9;
      else if (name.startsWith(word) || name.includes(`/${word}`)) sum += 6;
      else if (name.includes(word)) sum += 4;
      else if (sentence.includes(word)) sum += 1;
      else return 0;
    }
    return sum;
  };
  const marked = (tag, text, words) => {
    const out = document.createElement(tag);
    let rest = text;
    while (rest) {
      const low = rest.toLowerCase();
      const found = words.map(word => [low.indexOf(word), word.length]).filter(([at]) => at >= 0);
      const [at, length] = found.sort((a, b) => a[0] - b[0])[0] ?? [rest.length, 0];
      out.append(rest.slice(0, at));
      if (!length) break;
      const mark = document.createElement("mark");
      mark.textContent = rest.slice(at, at + length);
      out.append(mark);
      rest = rest.slice(at + length);
    }
    return out;
  };
  const row = (hit, words, at) => {
    const link = document.createElement("a");
    Object.assign(link, { href: hit.href, id: `spec-hit-${at}`, tabIndex: -1 });
    link.setAttribute("role", "option");
    if (hit.level) link.className = "clause-hit";
    const place = document.createElement("small");
    place.textContent = hit.name === hit.place ? "" : ` ${hit.level ? `${hit.level} · ` : ""}${hit.place}`;
    link.append(marked("b", hit.name, words), place);
    if (hit.sentence) link.append(marked("p", hit.sentence, words));
    link.addEventListener("click", () => {
      field.value = "";
      close();
    });
    return link;
  };
  const choose = at => {
    const rows = list.querySelectorAll("a");
    rows[chosen]?.removeAttribute("aria-selected");
    chosen = rows.length ? (at + rows.length) % rows.length : -1;
    rows[chosen]?.setAttribute("aria-selected", "true");
    rows[chosen]?.scrollIntoView({ block: "nearest" });
    if (rows[chosen]) field.setAttribute("aria-activedescendant", rows[chosen].id);
    else field.removeAttribute("aria-activedescendant");
  };
  const open = () => {
    const words = field.value.toLowerCase().replace(/[[\]]/g, " ").split(/\s+/).filter(Boolean);
    if (!words.length) return close();
    const found = hits.map(hit => [worth(hit, words), hit]).filter(([worth]) => worth);
    found.sort((a, b) => b[0] - a[0]);
    list.replaceChildren(...found.slice(0, most).map(([, hit], at) => row(hit, words, at)));
    if (!found.length) {
      const none = document.createElement("p");
      none.className = "none";
      none.textContent = "Nothing has these words.";
      list.append(none);
    }
    list.scrollTop = 0;
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    chosen = -1;
    choose(0);
  };
  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  field.addEventListener("input", open);
  field.addEventListener("focus", open);
  field.addEventListener("keydown", event => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") list.querySelectorAll("a")[chosen]?.click();
    else if (event.key === "Escape") { if (!field.value) field.blur(); return close(); }
    else return;
    event.preventDefault();
  });
  document.addEventListener("pointerdown", event => {
    if (!event.target.closest("[data-search]")) close();
  });
})();

// Copying, where the browser lets a page do it.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    const said = [...button.childNodes];
    const text = () => button.dataset.copy ?? `${location.href.split("#")[0]}#${button.dataset.copyLink}`;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await navigator.clipboard.writeText(text()).then(() => "Copied", () => "Not copied");
      button.textContent = done;
      setTimeout(() => button.replaceChildren(...said), 1500);
    });
  }
}

// The coordinate of a byte: by pointer, or by the arrow keys once the example has the focus.
for (const ruler of document.querySelectorAll(".ruler")) {
  const bytes = [...ruler.querySelectorAll(".line code span")];
  const told = ruler.querySelector("[data-coordinate]");
  let now = -1;
  const show = at => {
    if (bytes[now]) delete bytes[now].dataset.now;
    now = at;
    if (!bytes[now]) { told.textContent = ""; return; }
    bytes[now].dataset.now = "";
    const value = bytes[now].textContent;
    told.textContent = `byte ${now} = ${value}, ${parseInt(value, 16)}`;
  };
  ruler.tabIndex = 0;
  ruler.addEventListener("pointerover", event => {
    const at = bytes.indexOf(event.target);
    if (at >= 0) show(at);
  });
  ruler.addEventListener("pointerleave", () => show(-1));
  ruler.addEventListener("blur", () => show(-1));
  ruler.addEventListener("keydown", event => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 16, ArrowUp: -16 }[event.key];
    if (!step || event.target !== ruler) return;
    event.preventDefault();
    show(Math.max(0, Math.min(bytes.length - 1, now < 0 ? 0 : now + step)));
  });
}
