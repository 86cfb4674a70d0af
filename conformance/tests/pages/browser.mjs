// One browser for a file of tests, and pages in it that remember what went wrong.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

const FOLDER = process.env.SEALWIRE_PAGES;
assert.ok(FOLDER, "SEALWIRE_PAGES names the folder that make.mjs has filled");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update",
];

export const REPORTS = ["passing.html", "failing.html", "relay.html", "known.html", "interrupted.html"];
export const CHAPTERS = readdirSync(`${FOLDER}/spec`).filter(name => name.endsWith(".html")).map(name => `spec/${name}`);
export const EVERY = [...REPORTS, "matrix.html", ...CHAPTERS];
/// One of each kind, where the others would tell nothing new.
export const KINDS = ["failing.html", "matrix.html", "spec/04-frame.html", "spec/clauses.html"];

export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };

/// How long a page may take for one thing, in milliseconds, on a machine that is busy.
const PATIENCE = 10_000;

let browser;
before(async () => {
  const executablePath = process.env.SEALWIRE_CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: FLAGS });
});
after(() => browser?.close());

export const address = name => pathToFileURL(`${FOLDER}/${name}`).href;

/// Opens a page where nobody has been before, lets `look` at it, and closes it; the page must not
/// have complained or asked for anything but itself and its neighbours.
export const visit = async (name, look, options = {}) => {
  const context = await browser.newContext({ viewport: WIDE, colorScheme: "light", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const faults = [];
  page.on("console", said => { if (/error|warning/.test(said.type())) faults.push(said.text()); });
  page.on("pageerror", error => faults.push(String(error)));
  page.on("request", asked => { if (!asked.isNavigationRequest()) faults.push(`asked for ${asked.url()}`); });
  try {
    await page.goto(address(name));
    await look(page);
    assert.deepEqual(faults, [], name);
  } finally {
    await context.close();
  }
};

/// Waits until the page is drawn; what its scripts do for that is then done.
export const drawn = page => page.evaluate(async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
});

/// Opens everything that can be opened.
export const openAll = async page => {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  await drawn(page);
};

/// The id of what has the focus, or of the nearest around it.
export const focused = page => page.evaluate(() => document.activeElement.closest("[id]")?.id);

/// Waits until the case or clause of this id is open: links are followed a moment after the key.
export const opened = (page, id) => page.locator(`[id='${id}'][open]`).waitFor();

/// Goes to the address with this behind the `#`, as a link from elsewhere would.
export const goTo = (page, id) => page.evaluate(hash => { location.hash = hash; }, id);
