'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { BASE_URL, CLIENT, PAYEX_VIEW, Page, REF, problem } = require('./page.js');

const REDIRECT = { mcPayRef: REF, paymentFlow: 'redirect', redirectUrl: 'https://provider.example/p/1' };
const SEAMLESS = { mcPayRef: REF, paymentFlow: 'seamless', view: PAYEX_VIEW };

test('init names the member that is missing or broken', () => {
  const { Api } = new Page();
  assert.throws(() => Api.init(), /baseUrl/);
  assert.throws(() => Api.init({ baseUrl: 'ftp://x', elementId: 'a' }), /baseUrl/);
  assert.throws(() => Api.init({ baseUrl: 'javascript:alert(1)', elementId: 'a' }), /baseUrl/);
  assert.throws(() => Api.init({ baseUrl: BASE_URL }), /elementId/);
  assert.throws(() => Api.init({ baseUrl: BASE_URL, elementId: 7 }), /elementId/);
  assert.equal(Api.init({ baseUrl: BASE_URL + '/', elementId: 'a' }), undefined);
});

test('paymentInit without a callback object is an error of the page', () => {
  const page = new Page().init();
  assert.throws(() => page.Api.paymentInit({ clientCode: CLIENT, sign: 's' }), /callback/);
});

test('paymentInit before init fails and asks nobody', async () => {
  const page = new Page();
  page.pay();
  assert.deepEqual(page.log, [], 'the callback never runs inside the call itself');
  await page.rest();
  assert.equal(page.log[0][0], 'onFailure');
  assert.equal(page.log[0][1], undefined);
  assert.equal(page.log[0][2].code, 'not_initialised');
  assert.equal(page.log[0][2].exceptionType, 'NotInitialisedException');
  assert.match(page.log[0][2].errorMessage, /init/);
  assert.equal(page.requests.length, 0);
});

test('inside an iframe nothing is started', async () => {
  const page = new Page({ framed: true }).init();
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onFailure']);
  assert.equal(page.log[0][2].code, 'iframe_refused');
  assert.equal(page.requests.length, 0);
});

test('every missing member of the request is named', async () => {
  const page = new Page().init();
  page.Api.paymentInit({}, page.callback());
  await page.rest();
  assert.equal(page.log[0][2].code, 'invalid_request');
  assert.equal(page.log[0][2].errors.map((error) => error.field).join(), 'clientCode,sign');
});

test('the request carries the page without its fragment and a key of its own', async () => {
  const page = new Page().init().on('POST /paymentInit', REDIRECT);
  page.pay();
  await page.rest();
  page.pay();
  await page.rest();
  const [first, second] = page.requests;
  assert.deepEqual(JSON.parse(first.body), {
    clientCode: CLIENT, sign: 'a.b.c', pageUrl: 'https://shop.example/buy?x=1'
  });
  assert.equal(first.headers['Content-Type'], 'application/json');
  assert.equal(first.credentials, 'omit');
  assert.match(first.headers['Idempotency-Key'], /^[0-9a-f-]{36}$/);
  assert.notEqual(first.headers['Idempotency-Key'], second.headers['Idempotency-Key']);
});

test('a page without a secure context still gets a random key', async () => {
  const page = new Page().init().on('POST /paymentInit', REDIRECT);
  page.window.crypto = { getRandomValues: (bytes) => globalThis.crypto.getRandomValues(bytes) };
  page.pay();
  await page.rest();
  assert.match(page.requests[0].headers['Idempotency-Key'], /^[0-9a-f]{32}$/);
});

test('the redirect flow leaves the page by itself', async () => {
  const page = new Page().init().on('POST /paymentInit', REDIRECT);
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'assign']);
  assert.equal(page.log[0][1].mcPayRef, REF);
  assert.equal(page.log[1][1], 'https://provider.example/p/1');
  assert.equal(page.stored(), null);
});

test('a page with onRedirect does the redirect itself', async () => {
  const page = new Page().init().on('POST /paymentInit', REDIRECT);
  page.pay(page.callback({ onRedirect: true }));
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onRedirect']);
  assert.deepEqual({ ...page.log[1][1] }, { mcPayRef: REF, redirectUrl: 'https://provider.example/p/1' });
});

test('an answer that would run script instead of redirecting is refused', async () => {
  const page = new Page().init().on('POST /paymentInit', { ...REDIRECT, redirectUrl: 'javascript:alert(1)' });
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onFailure']);
  assert.equal(page.log[0][2].code, 'bad_response');
});

test('a lost connection is tried again with the same key and body', async () => {
  const page = new Page().init().on('POST /paymentInit', 'lost', { status: 502, body: '<html>' }, REDIRECT);
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'assign']);
  assert.equal(page.requests.length, 3);
  assert.equal(new Set(page.requests.map((request) => request.headers['Idempotency-Key'])).size, 1);
  assert.equal(new Set(page.requests.map((request) => request.body)).size, 1);
  assert.ok(page.requests[2].at - page.requests[1].at > page.requests[1].at, 'the waits grow');
});

test('a connection that stays lost ends after a bounded number of tries', async () => {
  const page = new Page().init().on('POST /paymentInit', 'lost');
  page.pay();
  await page.rest();
  assert.equal(page.requests.length, 6);
  assert.deepEqual(page.heard(), ['onFailure']);
  assert.equal(page.log[0][1], undefined);
  assert.equal(page.log[0][2].code, 'network');
  assert.equal(page.log[0][4], undefined);
});

test('a request that never answers counts as lost', async () => {
  const hangs = ({ signal }) => new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  const page = new Page().init().on('POST /paymentInit', hangs, REDIRECT);
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'assign']);
});

test('a request that is still worked on is asked again after Retry-After', async () => {
  const busy = problem(409, 'request_in_progress', { headers: { 'Retry-After': '7' } });
  const page = new Page().init().on('POST /paymentInit', busy, busy, REDIRECT);
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'assign']);
  assert.deepEqual(page.requests.map((request) => request.at), [0, 7000, 14000]);
});

test('a request that is never done outlasts the 30 seconds of the server, then fails', async () => {
  const page = new Page().init().on('POST /paymentInit', problem(409, 'request_in_progress'));
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onFailure']);
  assert.equal(page.log[0][2].code, 'request_in_progress');
  assert.ok(page.now > 30000 && page.now < 60000);
});

test('a refusal of the server reaches the page whole and is not repeated', async () => {
  const refused = problem(502, 'provider_refused', { body: { providerResponse: { title: 'No' } } });
  const page = new Page().init().on('POST /paymentInit', refused);
  page.pay();
  await page.rest();
  assert.equal(page.requests.length, 1);
  const [, ref, error, provider, reason] = page.log[0];
  assert.equal(ref, undefined);
  assert.equal(error.code, 'provider_refused');
  assert.equal(error.errorMessage, 'provider_refused');
  assert.equal(provider.title, 'No');
  assert.equal(reason, undefined);
});

test('an unknown outcome keeps the reference the server gave', async () => {
  const page = new Page().init().on('POST /paymentInit', problem(504, 'outcome_unknown', { body: { mcPayRef: REF } }));
  page.pay();
  await page.rest();
  assert.equal(page.log[0][1].mcPayRef, REF);
});

test('an answer that is no JSON is a problem with the usual members', async () => {
  const page = new Page().init().on('POST /paymentInit', { status: 500, body: 'oops' });
  page.pay();
  await page.rest();
  const error = page.log[0][2];
  assert.equal(error.code, 'bad_response');
  assert.equal(error.exceptionType, 'BadResponseException');
  assert.match(error.errorMessage, /500/);
});

test('a callback that throws is reported and breaks nothing', async () => {
  const page = new Page().init().on('POST /paymentInit', REDIRECT);
  page.pay(page.callback({ onRedirect: true, throws: true }));
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onRedirect']);
  assert.equal(page.reported.length, 2);
  assert.match(page.reported[0].message, /onInit/);
});

test('a second paymentInit replaces the first, whose late answer is ignored', async () => {
  const second = { ...REDIRECT, redirectUrl: 'https://provider.example/p/2' };
  const page = new Page().init();
  let answerFirst;
  page.on('POST /paymentInit', () => new Promise((resolve) => { answerFirst = resolve; }), second);
  page.pay();
  await new Promise(setImmediate);
  page.pay();
  await new Promise(setImmediate);
  answerFirst(SEAMLESS);
  await page.rest();
  assert.equal(page.requests.length, 2);
  assert.deepEqual(page.heard(), ['onInit', 'assign']);
  assert.equal(page.log[1][1], 'https://provider.example/p/2');
  assert.equal(page.views.length + page.scripts.length, 0);
});

test('two clicks at once start one payment', async () => {
  const page = new Page().init().on('POST /paymentInit', REDIRECT);
  page.pay();
  page.pay();
  await page.rest();
  assert.equal(page.requests.length, 1);
});

test('a seamless view of an unknown provider is refused by name', async () => {
  const page = new Page().init().on('POST /paymentInit', { ...SEAMLESS, view: { provider: 'acme' } });
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
  assert.equal(page.log[1][1].mcPayRef, REF);
  assert.equal(page.log[1][2].code, 'view_unsupported');
  assert.match(page.log[1][2].errorMessage, /acme/);
});
