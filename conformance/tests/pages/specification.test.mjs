// What the pages of the specification do for whoever reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { focused, visit } from "./browser.mjs";

const CHAPTER = "spec/04-frame.html";
const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
const chosen = page => page.locator("#spec-results [aria-selected=true]");

test("the search is worked by arrows, Enter and Escape", async () => {
  await visit(CHAPTER, async page => {
    await page.keyboard.press("/");
    assert.equal(await focused(page), "spec-search");
    await page.keyboard.type("frame/too");
    const results = page.locator("#spec-results a[role=option]");
    const names = await results.locator("b").allTextContents();
    assert.ok(names.includes("frame/too-short") && names.includes("frame/too-long"), `${names}`);
    assert.ok(await results.count() <= 30);
    const field = page.locator("#spec-search");
    const at = async () => [await chosen(page).getAttribute("id"), await field.getAttribute("aria-activedescendant")];
    assert.deepEqual(await at(), ["spec-hit-0", "spec-hit-0"]);
    await page.keyboard.press("ArrowDown");
    assert.deepEqual(await at(), ["spec-hit-1", "spec-hit-1"]);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    const last = `spec-hit-${await results.count() - 1}`;
    assert.deepEqual(await at(), [last, last], "round the end");
    await page.keyboard.press("Escape");
    assert.equal(await field.inputValue(), "");
    assert.ok(await page.locator("#spec-results").isHidden());
    await page.keyboard.type("no such clause");
    assert.ok(await page.getByText("Nothing has these words.").isVisible());
    await field.fill("relay/unknown-command");
    await page.keyboard.press("Enter");
    await page.waitForURL(/06-relay\.html#relay\/unknown-command$/);
    assert.ok(await page.locator("[id='relay/unknown-command']").isVisible());
  });
});

test("a clause says its level and what holds it, and its link can be copied", async () => {
  await visit(CHAPTER, async page => {
    const clause = page.locator("section.clause[id='frame/too-long']");
    assert.equal(await clause.getAttribute("data-clause"), "frame/too-long");
    assert.equal(await clause.locator(".level").textContent(), await clause.getAttribute("data-level"));
    await clause.locator("details.held summary").press("Enter");
    assert.ok(await clause.locator("details.held li").first().isVisible());
    await clause.locator("[data-copy-link]").click();
    await clause.getByText("Copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, `${page.url()}#frame/too-long`);
    await page.goto(copied);
    assert.ok(await clause.evaluate(it => it.matches(":target")));
  }, CLIPBOARD);
});

test("a citation tells the sentence and leads to the clause", async () => {
  await visit(CHAPTER, async page => {
    const cite = page.locator("a.cite[title]").first();
    assert.ok((await cite.getAttribute("title")).length > 20);
    await cite.press("Enter");
    await page.waitForURL(/#./);
    const id = decodeURIComponent(new URL(page.url()).hash.slice(1));
    assert.ok(await page.locator(`section.clause[id='${id}']`).isVisible());
  });
});

test("the arrow keys and the pointer tell the coordinate of a byte", async () => {
  await visit(CHAPTER, async page => {
    const ruler = page.locator("figure.ruler[data-vector]").first();
    const said = () => ruler.locator("output[data-coordinate]").textContent();
    const bytes = await ruler.locator(".line code span").allTextContents();
    const told = at => `byte ${at} = ${bytes[at]}, ${parseInt(bytes[at], 16)}`;
    await ruler.focus();
    const walk = [["ArrowRight", 0], ["ArrowRight", 1], ["ArrowDown", 17], ["ArrowUp", 1], ["ArrowLeft", 0], ["ArrowLeft", 0]];
    for (const [key, at] of walk) {
      await page.keyboard.press(key);
      assert.equal(await said(), told(at), key);
    }
    await ruler.locator(".line code span").nth(20).hover();
    assert.equal(await said(), told(20));
    await page.mouse.move(0, 0);
    assert.equal(await said(), "");
    await ruler.locator("[data-copy]").click();
    await ruler.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), bytes.join(""));
  }, CLIPBOARD);
});

test("next and previous lead through all chapters and back", async () => {
  await visit("spec/index.html", async page => {
    const titles = [await page.title()];
    while (await page.locator(".turn [rel=next]").count()) {
      await page.locator(".turn [rel=next]").click();
      titles.push(await page.title());
    }
    assert.ok(titles.length >= 10 && new Set(titles).size === titles.length, `${titles}`);
    for (const title of titles.slice(0, -1).reverse()) {
      await page.locator(".turn [rel=prev]").click();
      assert.equal(await page.title(), title);
    }
  });
});

test("the page of all clauses leads to each of them and says its level", async () => {
  await visit("spec/clauses.html", async page => {
    const found = await page.locator("table.clauses tr[data-level]").evaluateAll(all => all.map(row => ({
      same: row.dataset.level === row.querySelector(".level").textContent,
      led: row.querySelector("a").getAttribute("href").endsWith(`#${row.querySelector("a").textContent}`),
    })));
    assert.ok(found.length > 100 && found.every(({ same, led }) => same && led));
  });
});
