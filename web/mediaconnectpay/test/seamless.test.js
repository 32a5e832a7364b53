'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const {
  CANCEL, CLIENT, COMPLETE, PAYEX_VIEW, Page, REF, STATUS, pageWithOpenView, problem, state
} = require('./page.js');

const PAID = { event: 'OnPaid', paymentOrder: { id: '/psp/paymentorders/1' } };

test('the PayEx view is opened once in an element of its own inside the given one', async () => {
  const page = await pageWithOpenView();
  assert.deepEqual(page.heard(), ['onInit']);
  assert.equal(page.scripts.length, 1);
  assert.equal(page.scripts[0].src, PAYEX_VIEW.scriptUrl);
  assert.equal(page.scripts[0].nonce, 'n0nce');
  const [view] = page.views;
  assert.equal(view.opened, 1);
  assert.equal(view.config.culture, 'nb-NO');
  assert.equal(page.host.children.length, 1);
  assert.equal(view.config.container.checkout, page.host.children[0].id);
  assert.deepEqual(JSON.parse(page.stored()), { mcPayRef: REF, clientCode: CLIENT });
});

test('the defaults of the view stay in place, the redirect to 3-D Secure above all', async () => {
  const page = await pageWithOpenView();
  const handlers = Object.keys(page.views[0].config).filter((name) => name.startsWith('on')).sort();
  assert.deepEqual(handlers, ['onAborted', 'onError', 'onPaid']);
});

test('options reach the view', async () => {
  const page = await pageWithOpenView({ options: { culture: 'sv-SE', style: { a: 1 } } });
  assert.equal(page.views[0].config.culture, 'sv-SE');
  assert.equal(page.views[0].config.style.a, 1);
});

test('paid is success only after the server said so', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('pending'), 'lost', problem(503, 'provider_unavailable'), state('success'));
  page.views[0].config.onPaid(PAID);
  assert.deepEqual(page.heard(), ['onInit']);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
  assert.equal(page.log[1][1].mcPayRef, REF);
  assert.equal(page.log[1][2], PAID);
  const waits = page.requests.slice(1).map((request) => request.at);
  assert.deepEqual(waits, [0, 1000, 2500, 4750]);
  assert.equal(page.stored(), null);
  assert.equal(page.host.children.length + page.head.children.length, 0, 'nothing is left behind');
  assert.equal(page.views[0].closed, 1);
});

test('the word of the script is not believed when the server knows better', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('failure', { reason: 'declined' }));
  page.views[0].config.onPaid(PAID);
  await page.rest();
  const [name, ref, error, provider, reason] = page.log[1];
  assert.equal(name, 'onFailure');
  assert.equal(ref.mcPayRef, REF);
  assert.equal(error.code, 'payment_declined');
  assert.equal(provider, undefined);
  assert.equal(reason, 'declined');
});

for (const [said, reason] of [['cancel', 'cancel'], ['expired', 'expired'], ['error', 'error'], ['new', 'error']]) {
  test(`a failure with the reason ${said} is told as ${reason}`, async () => {
    const page = await pageWithOpenView();
    page.on(COMPLETE, state('failure', { reason: said }));
    page.views[0].config.onPaid(PAID);
    await page.rest();
    assert.equal(page.log[1][4], reason);
  });
}

test('a payment that stays pending is no failure that a page could act on', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('pending'));
  page.views[0].config.onPaid(PAID);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
  assert.equal(page.log[1][2].code, 'outcome_unknown');
  assert.equal(page.log[1][4], undefined);
  assert.ok(page.now > 120000, 'it asked for minutes');
  assert.notEqual(page.stored(), null, 'a reload picks it up again');
});

test('an aborted payment is a failure with the reason cancel', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('pending'), state('failure'));
  page.views[0].config.onAborted({ event: 'OnAborted' });
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
  assert.equal(page.log[1][2].code, 'payment_cancelled');
  assert.equal(page.log[1][4], 'cancel');
});

test('an aborted view of a paid payment is a success', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('success'));
  page.views[0].config.onAborted({ event: 'OnAborted' });
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
});

test('an error of the view brings what the provider said, and no reason', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('pending'));
  const event = { event: 'OnError', details: 'broken' };
  page.views[0].config.onError(event);
  await page.rest();
  const [name, , error, provider, reason] = page.log[1];
  assert.equal(name, 'onFailure');
  assert.equal(error.code, 'view_failed');
  assert.equal(provider, event);
  assert.equal(reason, undefined);
});

test('an error of the view after the money was reserved is a success', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('success'));
  page.views[0].config.onError({ details: 'broken' });
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
});

test('paid while an error is looked into waits as long as paid does', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, ...Array.from({ length: 8 }, () => state('pending')), state('success'));
  page.views[0].config.onError({ details: 'slow' });
  page.views[0].config.onPaid(PAID);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
  assert.equal(page.log[1][2], PAID);
});

test('many events end in one callback', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('success'));
  const { onPaid, onAborted, onError } = page.views[0].config;
  onPaid(PAID);
  onPaid(PAID);
  onError({});
  await page.rest();
  onAborted({});
  onPaid(PAID);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
  assert.equal(page.asked().filter((route) => route === COMPLETE).length, 1);
});

test('a payment the server no longer has ends at once', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, problem(410, 'gone'));
  page.views[0].config.onPaid(PAID);
  await page.rest();
  assert.equal(page.log[1][2].code, 'gone');
  assert.equal(page.stored(), null);
});

test('a new paymentInit takes the old view away, which says nothing more', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, state('success'));
  page.pay();
  await page.rest();
  assert.equal(page.views.length, 2);
  assert.equal(page.views[0].closed, 1);
  assert.equal(page.host.children.length, 1);
  assert.equal(page.head.children.length, 1);
  assert.notEqual(page.views[0].config.container.checkout, page.views[1].config.container.checkout);
  page.views[0].config.onPaid(PAID);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onInit']);
});

for (const [what, breakPage] of [
  ['script that does not load', (page) => { page.scriptLoads = false; }],
  ['script that throws', (page) => { page.payexBreaks = true; }],
  ['missing element', (page) => { page.window.document.getElementById = () => null; }],
  ['missing address', (page) => {
    page.on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'seamless', view: { provider: 'payex' } });
  }]
]) {
  for (const [status, heard] of [['pending', 'onFailure'], ['success', 'onSuccess']]) {
    test(`a ${what} asks the server first and tells ${heard} when that is ${status}`, async () => {
      const page = new Page().init().on(STATUS, state(status));
      page.on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'seamless', view: PAYEX_VIEW });
      breakPage(page);
      page.pay();
      await page.rest();
      assert.deepEqual(page.heard(), ['onInit', heard]);
      assert.equal(page.asked().at(-1), STATUS);
      if (status === 'pending') {
        assert.equal(page.log[1][2].code, 'view_failed');
        assert.equal(page.log[1][4], undefined);
        assert.equal(page.host.children.length + page.head.children.length, 0);
      }
    });
  }
}

test('the error of a script names its origin and not the token in its address', async () => {
  const page = new Page().init().on(STATUS, state('pending'));
  const view = { ...PAYEX_VIEW, scriptUrl: 'https://payex.example/px.js?token=tell-nobody' };
  page.on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'seamless', view });
  page.scriptLoads = false;
  page.pay();
  await page.rest();
  assert.match(page.log[1][2].errorMessage, /from https:\/\/payex\.example\./);
  assert.doesNotMatch(JSON.stringify(page.log), /tell-nobody/);
});

test('callbacks that throw do not keep a payment from ending', async () => {
  const page = new Page();
  page.init().on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'seamless', view: PAYEX_VIEW });
  page.on(COMPLETE, state('success'));
  page.pay(page.callback({ throws: true }));
  await page.rest();
  page.views[0].config.onPaid(PAID);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
  assert.equal(page.stored(), null);
});

test('a blocked storage does not keep anybody from paying', async () => {
  const throws = () => { throw new Error('storage is blocked'); };
  const page = await pageWithOpenView({ storage: { getItem: throws, setItem: throws, removeItem: throws } });
  page.on(COMPLETE, state('success'));
  page.views[0].config.onPaid(PAID);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
});

test('a library in the head waits for the document before it opens the view', async () => {
  const page = new Page().init();
  page.on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'seamless', view: PAYEX_VIEW });
  let ready;
  page.window.document.readyState = 'loading';
  page.window.document.addEventListener = (name, listener) => { ready = [name, listener]; };
  page.pay();
  await page.rest();
  assert.equal(page.views.length, 0);
  assert.equal(ready[0], 'DOMContentLoaded');
  ready[1]();
  await page.rest();
  assert.equal(page.views[0].opened, 1);
});

test('cancel closes the payment and the view', async () => {
  const page = await pageWithOpenView();
  page.on(CANCEL, state('failure', { reason: 'cancel' }));
  const cancelled = page.Api.cancel();
  await page.rest();
  assert.equal(await cancelled, true);
  assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
  assert.equal(page.log[1][4], 'cancel');
  assert.equal(page.views[0].closed, 1);
  assert.equal(page.host.children.length, 0);
  assert.equal(page.stored(), null);
});

test('cancel of a payment that was already paid is a success', async () => {
  const page = await pageWithOpenView();
  page.on(CANCEL, state('success'));
  page.Api.cancel();
  page.Api.cancel();
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
  assert.equal(page.asked().filter((route) => route === CANCEL).length, 1);
});

test('cancel that cannot be done leaves the view open and usable', async () => {
  const page = await pageWithOpenView();
  page.on(CANCEL, problem(503, 'provider_unavailable')).on(COMPLETE, state('pending'));
  const cancelled = page.Api.cancel();
  await page.rest();
  assert.equal(await cancelled, false);
  assert.deepEqual(page.heard(), ['onInit']);
  assert.equal(page.views[0].refreshed, 1);
  page.on(COMPLETE, state('success'));
  page.views[0].config.onPaid(PAID);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
});

test('a view that says aborted during a cancel is not left open', async () => {
  const page = await pageWithOpenView();
  page.on(CANCEL, state('pending')).on(COMPLETE, state('pending'));
  page.views[0].refresh = () => page.views[0].config.onAborted({ event: 'OnAborted' });
  page.Api.cancel();
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
  assert.equal(page.log[1][2].code, 'outcome_unknown');
  assert.equal(page.views[0].closed, 1);
});

test('polling keeps the distance that a busy server asks for', async () => {
  const page = await pageWithOpenView();
  page.on(COMPLETE, problem(429, 'rate_limited', { headers: { 'Retry-After': '9' } }), state('success'));
  page.views[0].config.onPaid(PAID);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
  assert.equal(page.now, 9000);
});

test('cancel before the payment has a reference closes it when it has one', async () => {
  const page = new Page().init().on(CANCEL, state('failure', { reason: 'cancel' }));
  page.on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'redirect', redirectUrl: 'https://p.example/' });
  page.pay();
  const cancelled = page.Api.cancel();
  await page.rest();
  assert.equal(await cancelled, true);
  assert.deepEqual(page.heard(), ['onFailure']);
  assert.equal(page.log[0][4], 'cancel');
});

test('cancel in onInit opens no view', async () => {
  const page = new Page().init().on(CANCEL, state('failure'));
  page.on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'seamless', view: PAYEX_VIEW });
  const callback = page.callback();
  const onInit = callback.onInit;
  page.pay({ ...callback, onInit: (ref) => { onInit(ref); page.Api.cancel(); } });
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
  assert.equal(page.views.length, 0);
});

test('cancel without a payment does nothing', async () => {
  const page = new Page().init();
  assert.equal(await page.Api.cancel(), false);
  assert.equal(page.requests.length, 0);
});
