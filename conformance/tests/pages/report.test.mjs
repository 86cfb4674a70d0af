// What a report does for whoever reads it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { focused, goTo, opened, visit } from "./browser.mjs";

const FAILING = "failing.html";
const BAD = ".case:is([data-verdict=fail], [data-verdict=unproven])";

const shown = page => page.locator("#shown").textContent();
/// How many cases can be seen, by verdict; those that passed stand in a list that is folded in.
const counts = page => page.evaluate(() => {
  const sums = {};
  for (const item of document.querySelectorAll("[data-verdict]")) {
    if (item.closest("[hidden]")) continue;
    sums[item.dataset.verdict] = (sums[item.dataset.verdict] ?? 0) + 1;
  }
  return sums;
});

test("the page says what the run says", async () => {
  await visit("passing.html", async page => {
    assert.equal(await page.locator("h1 + p .pill.good").textContent(), "conforms");
    assert.equal(await page.locator("#failed, .notice").count(), 0);
  });
  await visit("failing.html", async page => {
    assert.equal(await page.locator("h1 + p .pill.bad").textContent(), "does not conform");
    assert.ok(await page.locator(".bytes ins").count() > 0 && await page.locator(".bytes del").count() > 0);
  });
  await visit("interrupted.html", async page => {
    assert.equal(await page.locator("h1 + p .pill").textContent(), "not finished");
    assert.match(await page.locator(".notice").textContent(), /not come to its end/);
    assert.equal(await page.locator("#failed").count(), 0, "it accuses nobody");
  });
});

test("each button hides the cases of its verdict and shows them again", async () => {
  await visit(FAILING, async page => {
    const all = await counts(page);
    const total = Object.values(all).reduce((sum, count) => sum + count, 0);
    assert.equal(await shown(page), `${total} cases`);
    const buttons = await page.locator("[data-filter]").all();
    assert.deepEqual(Object.keys(all).length, buttons.length);
    for (const button of buttons) {
      const verdict = await button.getAttribute("data-filter");
      assert.match(await button.textContent(), new RegExp(` ${all[verdict]}$`));
      await button.click();
      const { [verdict]: gone, ...rest } = all;
      assert.deepEqual(await counts(page), rest);
      assert.equal(await shown(page), `${total - gone} of ${total} cases`);
      await button.press("Space");
      assert.deepEqual(await counts(page), all, `${verdict}: by the keyboard`);
    }
    for (const button of buttons) await button.press("Enter");
    assert.deepEqual(await counts(page), {});
    assert.ok(await page.getByText("No case fits.").isVisible());
    assert.equal(await page.locator("section[data-chapter]:visible").count(), 0, "chapters without a case are gone");
  });
});

test("the search finds by id, clause and detail; / goes there and Escape empties it", async () => {
  await visit(FAILING, async page => {
    const whole = await shown(page);
    await page.keyboard.press("/");
    assert.equal(await focused(page), "search");
    await page.keyboard.type("frame/mask-0001");
    assert.deepEqual(await counts(page), { fail: 1 });
    // Not by the keyboard: this browser empties such a field by itself, others do not.
    await page.locator("#search").dispatchEvent("keydown", { key: "Escape" });
    assert.equal(await shown(page), whole);
    await page.keyboard.type("FRAME MASK");
    assert.ok(await page.locator("[id='frame/mask-0001']").isVisible(), "several words, any case");
    const passed = await page.locator(".passed li code").first().textContent();
    await page.locator("#search").fill(passed);
    assert.ok(await page.locator(".passed li:visible").count() > 0, "what passed and fits is opened");
    await page.locator("#search").fill("no such thing");
    assert.ok(await page.getByText("No case fits.").isVisible());
    await page.keyboard.press("Escape");
    assert.ok(await page.getByText("No case fits.").isHidden());
    assert.equal(await page.locator("#search").inputValue(), "");
  });
});

test("a link to a case opens it, focuses it, and shows what a filter hides", async () => {
  await visit(FAILING, async page => {
    const link = page.locator(".failed a").nth(3);
    const id = decodeURIComponent((await link.getAttribute("href")).slice(1));
    const item = page.locator(`[id='${id}']`);
    const follows = async how => {
      await link.click();
      await opened(page, id);
      assert.equal(await focused(page), id, how);
      assert.ok(await item.locator("> summary").isVisible(), how);
      const { top, bar } = await item.evaluate(it => ({
        top: it.getBoundingClientRect().top,
        bar: document.querySelector(".top").getBoundingClientRect().bottom,
      }));
      assert.ok(top >= bar - 1 && top < 900, `${how}: at ${top}, under ${bar}`);
    };
    await follows("at first");
    await item.locator("> summary").click();
    await follows("the same link again");
    await page.locator("#search").fill("relay/");
    assert.ok(await item.isHidden());
    await follows("while the search hides it");
    for (const button of await page.locator("[data-filter]").all()) await button.click();
    await follows("while the filters hide it");
    await page.locator("#search").fill("relay/");
    await page.locator(".totals a", { hasText: "frame" }).click();
    await page.locator("#chapter-frame").waitFor();
    await goTo(page, "%E0%A4%A");
    await goTo(page, "nowhere");
  });
});

test("an address with a case behind it opens that case", async () => {
  await visit(FAILING, async page => {
    await page.goto(`${page.url()}#frame/mask-0001`);
    await page.reload();
    await opened(page, "frame/mask-0001");
    assert.equal(await focused(page), "frame/mask-0001");
  });
});

test("n and p walk through the failures, round the end", async () => {
  await visit(FAILING, async page => {
    const bad = await page.locator(BAD).evaluateAll(items => items.map(item => item.id));
    assert.equal(bad.length, await page.locator("[data-filter=fail], [data-filter=unproven]").evaluateAll(
      buttons => buttons.reduce((sum, button) => sum + Number(button.textContent.match(/\d+/)[0]), 0)));
    const walked = [];
    for (let at = 0; at <= bad.length; at++) {
      await page.keyboard.press("n");
      walked.push(await focused(page));
    }
    assert.deepEqual(walked, [...bad, bad[0]]);
    await page.keyboard.press("p");
    assert.equal(await focused(page), bad.at(-1));
    await page.locator("#search").fill("n");
    await page.locator("#search").press("n");
    assert.equal(await focused(page), "search", "whoever types writes letters");
    await page.locator("#search").fill("frame/too-long");
    await page.locator("#open-all").focus();
    await page.keyboard.press("n");
    assert.match(await focused(page), /^frame\/too-long/, "what is hidden is left out");
  });
  await visit(FAILING, async page => {
    await page.keyboard.press("p");
    assert.equal(await focused(page), await page.locator(BAD).last().getAttribute("id"), "p begins at the end");
  });
});

test("Enter and Space open a case; one button opens and closes all", async () => {
  await visit(FAILING, async page => {
    const item = page.locator(".case").first();
    await item.locator("summary").press("Enter");
    assert.equal(await item.getAttribute("open"), "");
    await item.locator("summary").press("Space");
    assert.equal(await item.getAttribute("open"), null);
    await page.locator("#open-all").press("Enter");
    assert.equal(await page.locator(".case:not([open])").count(), 0);
    await page.getByRole("button", { name: "Close all" }).press("Enter");
    assert.equal(await page.locator(".case[open]").count(), 0);
  });
});

test("the command that replays a case can be copied whole", async () => {
  await visit(FAILING, async page => {
    await page.locator(".failed a").first().click();
    const replay = page.locator(".case[open] .replay");
    await replay.locator(".copy").click();
    await replay.getByText("Copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, await replay.locator("pre").textContent());
    assert.match(copied, /^sealwire adapter --only frame\//);
  }, { permissions: ["clipboard-read", "clipboard-write"] });
});
