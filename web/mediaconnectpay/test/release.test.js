'use strict';

const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { gzipSync } = require('node:zlib');
const { Page, SOURCE } = require('./page.js');

const ROOT = path.join(__dirname, '..');
const RELEASES = path.join(ROOT, 'releases');
const integrity = JSON.parse(fs.readFileSync(path.join(RELEASES, 'integrity.json'), 'utf8'));
const { version } = new Page().window.mediaconnectpay;
const released = fs.readdirSync(RELEASES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory()).map((entry) => entry.name);

test('the source is at most 10 KB gzipped', () => {
  const bytes = gzipSync(SOURCE, { level: 9 }).length;
  assert.ok(bytes <= 10 * 1024, `${bytes} bytes`);
});

test('the source never does what a strict policy forbids', () => {
  // `options.style` is handed to the provider's view and is not a style of an element.
  const source = SOURCE.replace(/(options|config)\.style/g, '');
  const forbidden = ['eval(', 'new Function', 'innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', '.style'];
  assert.deepEqual(forbidden.filter((word) => source.includes(word)), []);
});

test('the package and the library have the same version', () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  assert.equal(manifest.version, version);
  assert.match(version, /^\d+\.\d+\.\d+(-dev)?$/);
});

test('a released version is what the source says, and a changed source has a new version', () => {
  const [number, dev] = version.split('-');
  if (dev) {
    assert.ok(!released.includes(number), `${number} is released: the source needs a higher version`);
    return;
  }
  const file = path.join(RELEASES, version, 'mediaconnectpay.js');
  assert.ok(fs.existsSync(file), `${version} has no release file: see "Releasing" in the README`);
  assert.equal(fs.readFileSync(file, 'utf8'), SOURCE, 'the source changed: give it a -dev version');
});

test('no release was changed after its hash was written down', () => {
  assert.deepEqual(Object.keys(integrity).sort(), released.slice().sort());
  const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  for (const number of released) {
    const bytes = fs.readFileSync(path.join(RELEASES, number, 'mediaconnectpay.js'));
    const hash = 'sha384-' + createHash('sha384').update(bytes).digest('base64');
    assert.equal(integrity[number], hash, number);
    assert.ok(readme.includes(hash), `the README gives the hash of ${number}`);
  }
});

test('the global cannot be changed by another script of the page', () => {
  const { window } = new Page();
  assert.ok(Object.isFrozen(window.mediaconnectpay));
  assert.ok(Object.isFrozen(window.mediaconnectpay.Api));
  assert.deepEqual(Object.keys(window.mediaconnectpay.Api).sort(), ['cancel', 'init', 'paymentInit', 'resume']);
});
