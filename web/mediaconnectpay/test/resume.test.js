'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const {
  CLIENT, COMPLETE, PAYEX_VIEW, Page, REF, REMEMBERED, RETURNED, STATUS, newStorage, pageWithOpenView,
  problem, state
} = require('./page.js');

const pageComeBackTo = (status, more) => new Page({ href: RETURNED, storage: newStorage(REMEMBERED) })
  .init().on(STATUS, state(status, more));

test('paymentInit on the page of 3-D Secure opens the same payment again', async () => {
  const page = pageComeBackTo('pending', { view: PAYEX_VIEW }).on(COMPLETE, state('success'));
  page.pay();
  await page.rest();
  assert.deepEqual(page.asked(), [STATUS]);
  assert.deepEqual(page.heard(), ['onInit']);
  assert.equal(page.log[0][1].mcPayRef, REF);
  assert.equal(page.views[0].opened, 1);
  page.views[0].config.onPaid({ event: 'OnPaid' });
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
  assert.equal(page.stored(), null);
});

test('what one page stored the next page of the tab resumes', async () => {
  const before = await pageWithOpenView();
  const after = new Page({ href: RETURNED, storage: before.storage }).init();
  after.on(STATUS, state('pending', { view: PAYEX_VIEW }));
  assert.equal(after.Api.resume(after.callback()), true);
  assert.deepEqual(after.log, [], 'the answer is at once, the work is not');
  await after.rest();
  assert.deepEqual(after.heard(), ['onInit']);
  assert.equal(after.views[0].opened, 1);
});

for (const start of ['pay', 'resume']) {
  const begin = (page) => (start === 'pay' ? page.pay() : page.Api.resume(page.callback()));

  test(`${start}: a payment that succeeded meanwhile is told and forgotten`, async () => {
    const page = pageComeBackTo('success');
    begin(page);
    await page.rest();
    assert.deepEqual(page.heard(), ['onSuccess']);
    assert.equal(page.log[0][1].mcPayRef, REF);
    assert.equal(page.stored(), null);
    assert.equal(page.Api.resume(page.callback()), false);
  });

  test(`${start}: a payment that failed meanwhile is told with its reason`, async () => {
    const page = pageComeBackTo('failure', { reason: 'expired' });
    begin(page);
    await page.rest();
    assert.deepEqual(page.heard(), ['onFailure']);
    assert.equal(page.log[0][4], 'expired');
    assert.equal(page.stored(), null);
  });

  test(`${start}: a pending payment without a view is asked about until it is settled`, async () => {
    const page = pageComeBackTo('pending').on(COMPLETE, state('pending'), state('success'));
    begin(page);
    await page.rest();
    assert.deepEqual(page.heard(), ['onSuccess']);
  });

  test(`${start}: a lost connection keeps the payment for the next reload`, async () => {
    const page = pageComeBackTo('pending').on(STATUS, 'lost');
    begin(page);
    await page.rest();
    assert.deepEqual(page.heard(), ['onFailure']);
    assert.equal(page.log[0][1].mcPayRef, REF);
    assert.equal(page.log[0][2].code, 'network');
    assert.notEqual(page.stored(), null);
  });
}

test('an overloaded server does not keep a payment from being picked up', async () => {
  const page = pageComeBackTo('pending').on(STATUS, problem(503, 'provider_unavailable'), problem(429, 'rate_limited'),
    state('pending', { view: PAYEX_VIEW }));
  page.Api.resume(page.callback());
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit']);
  assert.equal(page.views[0].opened, 1);
});

test('a server that stays overloaded is told as it is, without a reason', async () => {
  const page = pageComeBackTo('pending').on(STATUS, problem(500, 'internal'));
  page.Api.resume(page.callback());
  await page.rest();
  assert.equal(page.requests.length, 6);
  assert.equal(page.log[0][2].code, 'internal');
  assert.equal(page.log[0][4], undefined);
  assert.notEqual(page.stored(), null);
});

test('paymentInit starts afresh when the server no longer has the payment', async () => {
  const page = pageComeBackTo('pending').on(STATUS, problem(404, 'not_found'));
  page.on('POST /paymentInit', { mcPayRef: 'new', paymentFlow: 'redirect', redirectUrl: 'https://p.example/' });
  page.pay();
  await page.rest();
  assert.deepEqual(page.asked(), [STATUS, 'POST /paymentInit']);
  assert.deepEqual(page.heard(), ['onInit', 'assign']);
  assert.equal(page.stored(), null);
});

test('resume says so when the server no longer has the payment', async () => {
  const page = pageComeBackTo('pending').on(STATUS, problem(404, 'not_found'));
  assert.equal(page.Api.resume(page.callback()), true);
  await page.rest();
  assert.equal(page.log[0][2].code, 'not_found');
  assert.equal(page.stored(), null);
});

test('the payment of a stranger starts nothing', async () => {
  const mine = { mediaconnectpay: JSON.stringify({ mcPayRef: 'mine', clientCode: CLIENT }) };
  for (const items of [{}, mine, { mediaconnectpay: 'not json' }]) {
    const page = new Page({ href: RETURNED, storage: newStorage(items) }).init();
    page.on('POST /paymentInit', { mcPayRef: 'new', paymentFlow: 'redirect', redirectUrl: 'https://p.example/' });
    assert.equal(page.Api.resume(page.callback()), false);
    page.pay();
    await page.rest();
    assert.deepEqual(page.asked(), ['POST /paymentInit']);
  }
});

test('a payment of another client is not picked up by paymentInit', async () => {
  const other = { mediaconnectpay: JSON.stringify({ mcPayRef: REF, clientCode: 'no.other' }) };
  const page = new Page({ href: RETURNED, storage: newStorage(other) }).init();
  page.on('POST /paymentInit', { mcPayRef: 'new', paymentFlow: 'redirect', redirectUrl: 'https://p.example/' });
  page.pay();
  await page.rest();
  assert.deepEqual(page.asked(), ['POST /paymentInit']);
});

test('without the reference in the query nothing is resumed', () => {
  const page = new Page({ storage: newStorage(REMEMBERED) }).init();
  assert.equal(page.Api.resume(page.callback()), false);
});

test('resume does nothing before init and inside an iframe', () => {
  const setup = { href: RETURNED, storage: newStorage(REMEMBERED) };
  const early = new Page(setup);
  assert.equal(early.Api.resume(early.callback()), false);
  const framed = new Page({ ...setup, framed: true }).init();
  assert.equal(framed.Api.resume(framed.callback()), false);
  assert.equal(framed.requests.length, 0);
});

test('a reference from the query stays one segment of the path', async () => {
  const evil = '../../x?y=1';
  const storage = newStorage({ mediaconnectpay: JSON.stringify({ mcPayRef: evil, clientCode: CLIENT }) });
  const page = new Page({ href: 'https://shop.example/?mcPayRef=' + encodeURIComponent(evil), storage }).init();
  page.on('GET /payments/..%2F..%2Fx%3Fy%3D1', state('success'));
  page.Api.resume(page.callback());
  await page.rest();
  assert.deepEqual(page.heard(), ['onSuccess']);
});
