// What holds for every page that the suite writes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { EVERY, KINDS, NARROW, WIDE, address, drawn, openAll, visit } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/// What axe-core finds, in lines.
const violations = async (page, options) => {
  await page.evaluate(AXE);
  return page.evaluate(async asked => {
    const found = await axe.run(document, { resultTypes: ["violations"], ...asked });
    return found.violations.flatMap(rule => rule.nodes.slice(0, 5).map(node =>
      `${rule.id}: ${node.target.join(" ")} ${node.any[0]?.message ?? rule.help}`));
  }, options);
};

test("without scripts everything can be read, and nothing is offered that does not work", async () => {
  for (const name of EVERY) {
    await visit(name, async page => {
      const seen = await page.evaluate(() => {
        const folded = it => it.parentElement.closest("details, .side") || it.matches(".contents");
        const parts = [...document.querySelectorAll("main :is(section, article, details, table)")];
        const controls = [...document.querySelectorAll("button, input, kbd")];
        return {
          title: document.querySelector("h1").checkVisibility(),
          hidden: parts.filter(it => !folded(it) && !it.checkVisibility()).map(it => it.outerHTML.slice(0, 80)),
          dead: controls.filter(it => it.checkVisibility()).map(it => it.outerHTML.slice(0, 80)),
        };
      });
      assert.deepEqual(seen, { title: true, hidden: [], dead: [] }, name);
    }, { javaScriptEnabled: false });
  }
});

test("a page fetches nothing, and its links reach an element there or on its neighbour", async () => {
  const ids = new Map();
  const links = [];
  for (const name of EVERY) {
    await visit(name, async page => {
      const found = await page.evaluate(() => ({
        ids: [...document.querySelectorAll("[id]")].map(it => it.id),
        links: [...document.querySelectorAll("a[href]")].map(it => it.href),
      }));
      assert.equal(new Set(found.ids).size, found.ids.length, `${name}: an id stands twice`);
      ids.set(address(name), new Set(found.ids));
      links.push(...found.links.map(link => [name, link]));
    });
  }
  assert.ok(links.length > 1000, "a search that finds no links proves nothing");
  const lost = links.filter(([, link]) => {
    const [page, id] = link.split("#");
    if (!page.startsWith("file:")) return false;
    return !ids.has(page) || (id && !ids.get(page).has(decodeURIComponent(id)));
  });
  assert.deepEqual(lost, []);
});

test("Tab goes through what can be used, in order, and shows where it is", async () => {
  for (const name of KINDS) {
    await visit(name, async page => {
      await drawn(page);
      const order = await page.evaluate(() => {
        const used = [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
          .filter(it => it.tabIndex >= 0 && it.checkVisibility({ visibilityProperty: true }));
        window.places = new Map(used.map((it, at) => [it, at]));
        return used.length;
      });
      const reached = [];
      const most = Math.min(order, 150);
      while (reached.length < most) {
        await page.keyboard.press("Tab");
        const here = await page.evaluate(() => {
          const now = document.activeElement;
          const style = getComputedStyle(now);
          const box = now.getBoundingClientRect();
          const bar = now.closest(".top, .skip") ? 0 : document.querySelector(".top").getBoundingClientRect().bottom;
          return {
            at: window.places.get(now),
            what: now.outerHTML.slice(0, 100),
            scrolls: now.scrollWidth > now.clientWidth || now.scrollHeight > now.clientHeight,
            outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
            seen: box.bottom > bar && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
          };
        });
        assert.ok(here.outlined, `${name}: no focus is shown on ${here.what}`);
        assert.ok(here.seen, `${name}: the focus is out of sight on ${here.what}`);
        // A browser lets the keyboard scroll what scrolls, too.
        if (here.at === undefined && here.scrolls) continue;
        assert.equal(here.at, reached.length, `${name}: ${here.what}`);
        reached.push(here.at);
      }
    });
  }
});

test("the theme has three states and is kept", async () => {
  for (const name of KINDS) {
    await visit(name, async page => {
      const button = page.locator("[data-theme-switch]");
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await ground();
      const seen = [];
      for (let turn = 0; turn < 3; turn++) {
        seen.push([await button.textContent(), await ground() === light]);
        await button.click();
      }
      assert.deepEqual(seen, [["Theme: auto", true], ["Theme: light", true], ["Theme: dark", false]], name);
      await button.click();
      await button.click();
      await page.reload();
      assert.equal(await button.textContent(), "Theme: dark");
      assert.notEqual(await ground(), light, `${name}: dark is forgotten`);
      await button.click();
      await page.emulateMedia({ colorScheme: "dark" });
      assert.notEqual(await ground(), light, `${name}: auto follows the system`);
    });
  }
});

test("no page scrolls sideways, whatever is open", async () => {
  for (const name of EVERY) {
    await visit(name, async page => {
      await openAll(page);
      for (const viewport of [NARROW, WIDE]) {
        await page.setViewportSize(viewport);
        const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
        assert.ok(wide <= viewport.width, `${name}: ${wide} of ${viewport.width} pixels`);
      }
    });
  }
});

test("on paper the bars are gone, the ground is white and the text is there", async () => {
  for (const name of KINDS) {
    await visit(name, async page => {
      await page.evaluate(() => localStorage.setItem("sealwire-theme", "dark"));
      await page.reload();
      await page.emulateMedia({ media: "print" });
      const seen = await page.evaluate(() => ({
        bars: [...document.querySelectorAll(".top, .screen")].filter(it => it.checkVisibility()).length,
        ground: getComputedStyle(document.body).backgroundColor,
        text: document.querySelector("main").innerText.length,
      }));
      assert.deepEqual([seen.bars, seen.ground], [0, "rgb(255, 255, 255)"], name);
      assert.ok(seen.text > 1000, name);
      assert.deepEqual(await violations(page, { runOnly: ["color-contrast"] }), [], `${name} on paper`);
    });
  }
});

for (const viewport of [WIDE, NARROW]) {
  test(`axe-core finds no violation of WCAG 2.2 AA, light and dark, at ${viewport.width} pixels`, async () => {
    const found = {};
    for (const name of [...KINDS, "known.html", "spec/testing.html"]) {
      await visit(name, async page => {
        await openAll(page);
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          const lines = await violations(page, { runOnly: RULES });
          if (lines.length > 0) found[`${name}, ${colorScheme}`] = lines;
        }
      }, { viewport });
    }
    assert.deepEqual(found, {});
  });
}
