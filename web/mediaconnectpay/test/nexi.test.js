'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const {
  CANCEL, COMPLETE, NEXI_VIEW, PAYEX_VIEW, Page, REF, REMEMBERED, RETURNED, STATUS, newStorage,
  pageWithOpenView, problem, state
} = require('./page.js');

const LIVE_VIEW = { ...NEXI_VIEW, scriptUrl: 'https://live.nexi.example/v1/checkout.js?v=1' };
const COMPLETED = { paymentId: NEXI_VIEW.paymentId };

const open = (setup) => pageWithOpenView({ view: NEXI_VIEW, ...setup });
const answerInit = (page, view) => page.on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'seamless', view });

test('the Nexi view is opened once in an element of its own inside the given one', async () => {
  const page = await open();
  assert.deepEqual(page.heard(), ['onInit']);
  assert.equal(page.scripts.length, 1);
  assert.equal(page.scripts[0].src, NEXI_VIEW.scriptUrl);
  assert.equal(page.scripts[0].nonce, 'n0nce');
  assert.equal(page.checkouts.length, 1);
  assert.equal(page.host.children.length, 1);
  assert.deepEqual({ ...page.checkouts[0].config }, {
    checkoutKey: NEXI_VIEW.checkoutKey, paymentId: NEXI_VIEW.paymentId,
    containerId: page.host.children[0].id, language: 'nb-NO'
  });
});

test('the culture and the theme reach the view, and the style of PayEx does not', async () => {
  const theme = { primaryColor: '#123456' };
  const page = await open({ options: { culture: 'sv-SE', theme, style: { a: 1 } } });
  const { config } = page.checkouts[0];
  assert.equal(config.language, 'sv-SE');
  assert.equal(config.theme, theme);
  assert.equal('style' in config, false);
});

test('the theme of Nexi does not reach the view of PayEx', async () => {
  const page = await pageWithOpenView({ options: { theme: { primaryColor: '#123456' } } });
  assert.deepEqual(page.views[0].config.theme, undefined);
  assert.deepEqual(page.views[0].config.style, undefined);
});

test('the pay button is let through, so that the payer is not left waiting', async () => {
  const page = await open();
  page.checkouts[0].fire('pay-initialized', NEXI_VIEW.paymentId);
  assert.deepEqual(page.checkouts[0].sent, [['payment-order-finalized', true]]);
  assert.deepEqual(page.heard(), ['onInit']);
});

test('only the pay button and the end are listened to, as Nexi documents no other', async () => {
  const page = await open();
  assert.deepEqual([...page.checkouts[0].listeners.keys()].sort(), ['pay-initialized', 'payment-completed']);
});

test('a completed payment is success only after the server said so, however often it is told', async () => {
  const page = await open();
  page.on(COMPLETE, state('pending'), 'lost', state('success'));
  const [checkout] = page.checkouts;
  checkout.fire('payment-completed', COMPLETED);
  checkout.fire('payment-completed', COMPLETED);
  assert.deepEqual(page.heard(), ['onInit']);
  await page.rest();
  checkout.fire('payment-completed', COMPLETED);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
  assert.equal(page.log[1][2], COMPLETED);
  assert.equal(page.asked().filter((route) => route === COMPLETE).length, 3);
  assert.equal(checkout.cleaned, 1);
  assert.equal(page.host.children.length, 0);
  assert.equal(page.stored(), null);
});

test('the word of the script is not believed when the server knows better', async () => {
  const page = await open();
  page.on(COMPLETE, state('failure', { reason: 'declined' }));
  page.checkouts[0].fire('payment-completed', COMPLETED);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
  assert.equal(page.log[1][4], 'declined');
});

test('the script is loaded once for all payments of a page', async () => {
  const page = await open();
  page.pay();
  await page.rest();
  assert.equal(page.scripts.length, 1);
  assert.equal(page.checkouts.length, 2);
  assert.equal(page.checkouts[0].cleaned, 1);
  assert.equal(page.host.children.length, 1);
  page.checkouts[0].fire('payment-completed', COMPLETED);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onInit'], 'the former view says nothing more');
});

test('a payment that begins while the script is loading waits for the same script', async () => {
  const page = answerInit(new Page().init(), NEXI_VIEW);
  const runScript = page.runScript.bind(page);
  let arrive;
  page.head.onAppend = (script) => { arrive = () => runScript(script); };
  page.pay();
  await page.rest();
  page.pay();
  await page.rest();
  assert.equal(page.head.children.length, 1);
  arrive();
  await page.rest();
  assert.equal(page.scripts.length, 1);
  assert.equal(page.checkouts.length, 1);
});

test('the script of the page itself is used and not loaded again', async () => {
  const page = answerInit(new Page().init(), NEXI_VIEW);
  page.defineDibs('the page');
  page.pay();
  await page.rest();
  page.pay();
  await page.rest();
  assert.equal(page.scripts.length, 0);
  assert.deepEqual(page.checkouts.map((checkout) => checkout.from), ['the page', 'the page']);
});

test('a script of the page that is still under way is waited for', async () => {
  const page = answerInit(new Page().init(), NEXI_VIEW);
  page.window.document.readyState = 'interactive';
  page.head.children.push({ src: NEXI_VIEW.scriptUrl });
  page.pay();
  await page.rest();
  assert.equal(page.checkouts.length, 0);
  page.defineDibs('the page');
  page.windowListeners.get('load')();
  await page.rest();
  assert.equal(page.scripts.length, 0);
  assert.equal(page.checkouts[0].from, 'the page');
});

test('a script of the page that failed is loaded by the library', async () => {
  const page = answerInit(new Page().init(), NEXI_VIEW);
  page.head.children.push({ src: NEXI_VIEW.scriptUrl });
  page.pay();
  await page.rest();
  assert.equal(page.scripts.length, 1);
  assert.equal(page.checkouts[0].from, NEXI_VIEW.scriptUrl);
});

test('the scripts of two environments are not mistaken for one another', async () => {
  const page = await open();
  for (const view of [LIVE_VIEW, NEXI_VIEW, LIVE_VIEW]) {
    answerInit(page, view).pay();
    await page.rest();
  }
  assert.equal(page.scripts.length, 2);
  const from = [NEXI_VIEW, LIVE_VIEW, NEXI_VIEW, LIVE_VIEW].map((view) => view.scriptUrl);
  assert.deepEqual(page.checkouts.map((checkout) => checkout.from), from);
});

test('a script that did not load is asked for again by the next payment', async () => {
  const page = answerInit(new Page().init(), NEXI_VIEW).on(STATUS, state('pending'));
  page.scriptLoads = false;
  page.pay();
  await page.rest();
  assert.equal(page.log[1][2].code, 'view_failed');
  assert.match(page.log[1][2].errorMessage, /could not be loaded from https:\/\/nexi\.example\./);
  assert.equal(page.head.children.length + page.host.children.length, 0, 'nothing is left behind');
  page.scriptLoads = true;
  page.pay();
  await page.rest();
  assert.equal(page.scripts.length, 2);
  assert.equal(page.checkouts.length, 1);
});

for (const [what, more] of [
  ['without a checkout key', { checkoutKey: undefined }],
  ['without a payment id', { paymentId: '' }],
  ['without the address of its script', { scriptUrl: undefined }],
  ['whose script is no web address', { scriptUrl: 'javascript:alert(1)//nexi' }]
]) {
  test(`a view ${what} is told as a view that failed, once the server has been asked`, async () => {
    const page = answerInit(new Page().init(), { ...NEXI_VIEW, ...more }).on(STATUS, state('pending'));
    page.pay();
    await page.rest();
    assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
    assert.equal(page.log[1][2].code, 'view_failed');
    assert.equal(page.asked().at(-1), STATUS);
    assert.equal(page.checkouts.length + page.host.children.length, 0);
  });
}

test('cancel closes the payment at the server before the view goes', async () => {
  const page = await open();
  const [checkout] = page.checkouts;
  page.on(CANCEL, () => {
    assert.equal(checkout.cleaned, 0);
    return state('failure', { reason: 'cancel' });
  });
  const cancelled = page.Api.cancel();
  await page.rest();
  assert.equal(await cancelled, true);
  assert.deepEqual(page.heard(), ['onInit', 'onFailure']);
  assert.equal(page.log[1][4], 'cancel');
  assert.equal(checkout.cleaned, 1);
  assert.equal(page.host.children.length, 0);
  assert.equal(page.stored(), null);
});

test('the pay button is refused while a cancel closes the payment', async () => {
  const page = await open();
  const [checkout] = page.checkouts;
  page.on(CANCEL, async () => {
    await new Promise(setImmediate);
    checkout.fire('pay-initialized', NEXI_VIEW.paymentId);
    return state('failure', { reason: 'cancel' });
  });
  page.Api.cancel();
  await page.rest();
  assert.deepEqual(checkout.sent, [['payment-order-finalized', false]]);
});

test('cancel that cannot be done leaves the view open, refreshed and usable', async () => {
  const page = await open();
  const [checkout] = page.checkouts;
  page.on(CANCEL, problem(503, 'provider_unavailable')).on(COMPLETE, state('pending'));
  const cancelled = page.Api.cancel();
  await page.rest();
  assert.equal(await cancelled, false);
  assert.equal(checkout.thawed, 1);
  assert.equal(checkout.cleaned, 0);
  checkout.fire('pay-initialized', NEXI_VIEW.paymentId);
  assert.deepEqual(checkout.sent, [['payment-order-finalized', true]]);
  page.on(COMPLETE, state('success'));
  checkout.fire('payment-completed', COMPLETED);
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
});

test('cancel of a payment that was paid meanwhile is a success', async () => {
  const page = (await open()).on(CANCEL, state('success'));
  page.Api.cancel();
  await page.rest();
  assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
});

for (const more of ['', '&paymentFailed=true', '&PaymentFailed=true']) {
  for (const name of ['paymentId', 'paymentid']) {
    const query = `&${name}=${NEXI_VIEW.paymentId}${more}`;

    test(`the page that 3-D Secure comes back to with ${name}${more} shows the view again`, async () => {
      const page = new Page({ href: RETURNED + query, storage: newStorage(REMEMBERED) }).init();
      page.on(STATUS, state('pending', { view: NEXI_VIEW })).on(COMPLETE, state('success'));
      assert.equal(page.Api.resume(page.callback()), true);
      await page.rest();
      assert.deepEqual(page.asked(), [STATUS]);
      assert.equal(page.checkouts[0].config.paymentId, NEXI_VIEW.paymentId);
      assert.deepEqual(page.heard(), ['onInit']);
      page.checkouts[0].fire('payment-completed', COMPLETED);
      await page.rest();
      assert.deepEqual(page.heard(), ['onInit', 'onSuccess']);
    });
  }
}

test('a resumed view has the language and the theme of the options', async () => {
  const page = new Page({ href: RETURNED, storage: newStorage(REMEMBERED) }).init();
  page.on(STATUS, state('pending', { view: NEXI_VIEW }));
  const theme = { buttonRadius: '0px' };
  page.Api.resume(page.callback(), { culture: 'fi-FI', theme });
  await page.rest();
  assert.equal(page.checkouts[0].config.language, 'fi-FI');
  assert.equal(page.checkouts[0].config.theme, theme);
});

test('a payment that was settled on the way back opens no view', async () => {
  const href = `${RETURNED}&paymentId=${NEXI_VIEW.paymentId}`;
  const page = new Page({ href, storage: newStorage(REMEMBERED) }).init().on(STATUS, state('success'));
  page.pay();
  await page.rest();
  assert.deepEqual(page.heard(), ['onSuccess']);
  assert.equal(page.scripts.length, 0);
});

test('the payment id of a stranger starts nothing', () => {
  const href = `https://shop.example/buy?paymentId=${NEXI_VIEW.paymentId}`;
  const page = new Page({ href, storage: newStorage(REMEMBERED) }).init();
  assert.equal(page.Api.resume(page.callback()), false);
  assert.equal(page.requests.length, 0);
});

test('a new payment on the page of an earlier one leaves out what Nexi added to the address', async () => {
  const href = `https://shop.example/buy?a=b%20c&paymentid=${NEXI_VIEW.paymentId}&paymentId=x&PaymentFailed=true&mcPayRef=old#top`;
  const page = answerInit(new Page({ href }).init(), NEXI_VIEW);
  page.pay();
  await page.rest();
  assert.equal(JSON.parse(page.requests[0].body).pageUrl, 'https://shop.example/buy?a=b+c&mcPayRef=old');
});

test('a paymentId that the page uses for itself stays in its address', async () => {
  const page = answerInit(new Page({ href: 'https://shop.example/buy?paymentId=7&a=b%20c' }).init(), NEXI_VIEW);
  page.pay();
  await page.rest();
  assert.equal(JSON.parse(page.requests[0].body).pageUrl, 'https://shop.example/buy?paymentId=7&a=b%20c');
});

test('a payment with PayEx may follow one with Nexi on the same page', async () => {
  const page = await open();
  answerInit(page, PAYEX_VIEW).pay();
  await page.rest();
  assert.equal(page.checkouts[0].cleaned, 1);
  assert.equal(page.views[0].opened, 1);
  assert.equal(page.host.children.length, 1);
});
