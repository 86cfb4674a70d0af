// What a matrix does for whoever reads it, and its badge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NARROW, focused, goTo, opened, visit } from "./browser.mjs";

const MATRIX = "matrix.html";
const rows = "tr[data-text]:visible";
const shown = page => page.locator("#shown").textContent();

test("every implementation has a column and a verdict", async () => {
  await visit(MATRIX, async page => {
    const [names, verdicts] = await page.locator("#summary + .scroll").evaluate(summary => [
      [...summary.querySelectorAll(".column")].map(it => it.firstChild.textContent.trim()),
      [...summary.querySelectorAll("tfoot .pill")].map(it => it.textContent),
    ]);
    assert.equal(names.length, 4);
    assert.deepEqual(names.slice(1), ["counts from one", "a relay with two faults", "on a list"]);
    assert.deepEqual(verdicts, ["conforms", "does not conform", "does not conform", "known failures"]);
    assert.ok(!(await page.locator("#broken ~ section").allTextContents()).join().includes("`"), "words in code are set as code");
  });
});

test("the buttons show differences and failures only, and both together", async () => {
  await visit(MATRIX, async page => {
    const all = await page.locator(rows).count();
    assert.equal(await shown(page), `${all} clauses`);
    const sizes = [];
    for (const name of ["Differences only", "Failures only"]) {
      const button = page.getByRole("button", { name });
      await button.press("Space");
      const mark = name.startsWith("D") ? "[data-differs]" : "[data-fails]";
      assert.equal(await page.locator(rows).count(), await page.locator(`tr${mark}`).count());
      sizes.push(await page.locator(rows).count());
      assert.equal(await shown(page), `${sizes.at(-1)} of ${all} clauses`);
      await button.press("Enter");
      assert.equal(await page.locator(rows).count(), all);
    }
    assert.ok(sizes.every(size => size > 0 && size < all) && sizes[0] !== sizes[1], `${sizes}`);
    for (const button of await page.locator("[data-only]").all()) await button.click();
    assert.equal(await page.locator(rows).count(), await page.locator("tr[data-differs][data-fails]").count());
    await page.keyboard.press("/");
    await page.keyboard.type("no such clause");
    assert.ok(await page.getByText("No clause fits.").isVisible());
    assert.equal(await page.locator("tr.chapter:visible").count(), 0);
    await page.keyboard.press("Escape");
    await page.keyboard.type("frame must");
    assert.ok((await page.locator(`${rows} code`).allTextContents()).every(id => id.startsWith("frame/")));
  });
});

test("a broken cell leads to what broke it, and back to a chapter that was hidden", async () => {
  await visit(MATRIX, async page => {
    const link = page.locator(".cell a").first();
    const id = decodeURIComponent((await link.getAttribute("href")).slice(1));
    const told = page.locator(`[id='${id}']`);
    for (const how of ["at first", "again"]) {
      await link.press("Enter");
      await opened(page, id);
      assert.equal(await focused(page), id, how);
      await told.locator("summary").press("Space");
      assert.equal(await told.getAttribute("open"), null);
    }
    await page.locator("#search").fill("frame");
    await page.locator("#summary + .scroll a", { hasText: "relay" }).click();
    const chapter = page.locator("#chapter-relay");
    await chapter.waitFor();
    const covered = () => page.evaluate(() => {
      const seen = it => {
        const { left, top, height } = it.getBoundingClientRect();
        return it.contains(document.elementFromPoint(left + 20, top + height / 2));
      };
      return ["#chapter-relay", ".clauses thead th"].filter(it => !seen(document.querySelector(it)));
    });
    assert.deepEqual(await covered(), [], "the chapter and the names of the columns");
    await page.setViewportSize(NARROW);
    await page.locator("#summary + .scroll a", { hasText: "frame" }).click();
    await page.locator("#summary + .scroll a", { hasText: "relay" }).click();
    assert.deepEqual(await covered(), [], "on a narrow page");
    await goTo(page, "%E0%A4%A");
  });
});

test("the texts of the badge fit their boxes and stand apart from the ground", async () => {
  await visit("badge.svg", async page => {
    const lines = await page.evaluate(() => {
      const { width, height } = document.documentElement.viewBox.baseVal;
      const boxes = [...document.querySelectorAll("g rect")].map(it => it.getBBox());
      return [...document.querySelectorAll("text")].map((text, at) => {
        const [inner, outer] = [text.getBBox(), boxes[at]];
        return {
          said: text.textContent,
          left: inner.x - outer.x,
          right: outer.x + outer.width - inner.x - inner.width,
          inside: inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height,
          shown: outer.x + outer.width <= width && outer.y + outer.height <= height,
        };
      });
    });
    assert.equal(lines.length, 8, "a name and a verdict for each of four");
    for (const line of lines) {
      assert.ok(line.left >= 4 && line.right >= 4 && line.inside && line.shown, JSON.stringify(line));
    }
    assert.match(await page.locator("title").textContent(), /counts from one: does not conform/);
  });
});
