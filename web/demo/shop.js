// What lives here: the demo shop. It chooses, has the token signed by its server, hands it to the
// library, and shows what comes back. The server's state is what counts; callbacks are only shown.

import { followEvents, markEvents } from './events.js';
import {
  callbackEntry, drawPayment, element, getJson, loadMemory, money, offerOrder, saveMemory, whileVisible
} from './panel.js';

const $ = (id) => document.getElementById(id);
const library = window.mediaconnectpay;

const REASONS = {
  cancel: 'The payment was cancelled. Nothing was taken.',
  declined: 'The payment was declined. Nothing was taken.',
  expired: 'The time to pay ran out. Nothing was taken.',
  error: 'The payment failed at the provider. Nothing was taken.'
};

const WHERE = { seamless: () => 'on this page', redirect: (method) => `at ${method.provider}` };
const PHONE = /^\+?[0-9]{4,17}$/;

let config;
let memory = { log: [] };
let mcPayRef;
let busy = false;
let following = 0;
/** 3-D Secure brought the payer back, and the provider wrote into the address that it failed. */
let wasRefused = false;

// ---- choosing ---------------------------------------------------------------------------------

function choice(group, { id, title, note, aside }) {
  return element('label', { class: 'choice', 'data-testid': `${group}-${id}` },
    element('input', { type: 'radio', name: group, value: id }),
    element('span', { class: 'choice-text' },
      element('span', { class: 'choice-title' }, title),
      element('span', { class: 'choice-note', 'data-note': id }, note || '')),
    element('span', { class: 'choice-aside' }, ...(aside || [])));
}

function productChoice(product) {
  const price = element('span', { class: 'price' }, money(product.startPrice || product.price, product.currency));
  const usual = product.recurring ? 'each period' : 'once';
  const then = product.startPrice ? `then ${money(product.price, product.currency)}` : usual;
  return choice('product', {
    id: product.id, title: product.title, note: product.description,
    aside: [price, element('span', { class: 'choice-note' }, then)]
  });
}

const chosen = (group) => $('form').elements[group]?.value;
const chosenProduct = () => config.products.find((product) => product.id === chosen('product'));
const chosenMethod = () => config.methods.find((method) => method.id === chosen('method'));

/** Why a method cannot be chosen now, or undefined. */
function unavailable(method, product) {
  if (!method.available) return 'not set up in this demo';
  if (product && product.recurring && !method.recurring) return 'only for single purchases';
  if (product && !product.recurring && !method.oneTime) return 'only for subscriptions';
  return undefined;
}

/** Disables what does not go together and moves a choice that became impossible to a possible one. */
function refresh() {
  const product = chosenProduct();
  for (const method of config.methods) {
    const why = unavailable(method, product);
    setChoice('method', method.id, !why, why || method.flows.map((flow) => WHERE[flow](method)).join(' or '));
  }
  const method = chosenMethod();
  drawMethod(method);
  const flows = method?.flows || [];
  setChoice('flow', 'seamless', flows.includes('seamless'));
  setChoice('flow', 'redirect', flows.includes('redirect'));
  const ready = product && chosen('method') && chosen('flow') && library;
  $('pay').disabled = !ready || busy;
  $('pay').textContent = product ? `Pay ${money(product.startPrice || product.price, product.currency)}` : 'Pay';
}

/** What only some methods have: the payer's phone number, and what to try in the sandbox. */
function drawMethod(method) {
  $('payer').hidden = !method?.asksForPhone;
  $('phone-note').textContent = phoneNote();
  const cards = method?.testCards || [];
  $('test-title').textContent = cards.length > 0 ? `Test cards of ${method.provider}` : `In the sandbox of ${method?.provider}`;
  $('test-cards').hidden = !method;
  $('test-card-table').hidden = cards.length === 0;
  $('test-card-rows').replaceChildren(...cards.map((card) => element('tr', { 'data-testid': 'test-card' },
    element('td', {}, element('code', {}, card.number)), element('td', {}, card.behaviour))));
  $('test-note').textContent = method?.note || '';
}

const phoneNumber = () => $('phone').value.replace(/[\s()-]/g, '');

/** A number that is none is left out rather than keeping anybody from paying: the provider asks then. */
function phoneNote() {
  if (phoneNumber() === '') return 'Without a number, Vipps asks for it.';
  if (!PHONE.test(phoneNumber())) return 'This does not look like a phone number. It is left out, and Vipps asks for one.';
  return 'Vipps has it filled in.';
}

function setChoice(group, value, possible, note) {
  const input = $('form').querySelector(`input[name="${group}"][value="${CSS.escape(value)}"]`);
  const label = input.closest('label');
  input.disabled = !possible || busy;
  label.classList.toggle('impossible', !possible);
  if (note !== undefined) label.querySelector('[data-note]').textContent = note;
  if (possible || !input.checked) {
    if (possible && !$('form').querySelector(`input[name="${group}"]:checked`)) input.checked = true;
    return;
  }
  input.checked = false;
  const rest = [...$('form').querySelectorAll(`input[name="${group}"]`)]
    .find((other) => other !== input && !other.disabled);
  if (rest) rest.checked = true;
}

function drawConfig() {
  $('products').querySelector('.choices').replaceChildren(...config.products.map(productChoice));
  $('methods').querySelector('.choices').replaceChildren(...config.methods.map((method) => choice('method', method)));
  $('phone').value = config.phoneNumber || '';
  const first = $('form').querySelector('input[name="product"]');
  if (first) first.checked = true;
  $('form').setAttribute('aria-busy', 'false');
  refresh();
  // Once more: the first pass may have chosen the method that decides the flows.
  refresh();
}

// ---- what is shown ----------------------------------------------------------------------------

function say(text, tone = '') {
  $('message').textContent = text;
  $('message').className = `message ${tone}`;
}

function setBusy(isBusy) {
  busy = isBusy;
  $('form').setAttribute('aria-busy', String(isBusy));
  const others = 'input[name="product"], #payer input, .developer input';
  for (const input of $('form').querySelectorAll(others)) input.disabled = isBusy;
  refresh();
}

function showView(isOpen) {
  $('view').hidden = !isOpen;
  $('cancel').disabled = false;
  if (!isOpen) return;
  $('view-title').focus({ preventScroll: true });
  $('view').scrollIntoView({ block: 'nearest', behavior: 'smooth' });
}

function drawMemory() {
  $('claims-json').textContent = memory.claims ? JSON.stringify(memory.claims, null, 2) : 'Nothing is signed yet.';
  $('callback-log').replaceChildren(...memory.log.map(callbackEntry));
  $('log-empty').hidden = memory.log.length > 0;
}

function note(name, args) {
  const time = new Date().toLocaleTimeString('en-GB');
  const entry = { name, args: args.map((arg) => (arg === undefined ? null : arg)), time };
  memory.log.push(entry);
  saveMemory(memory);
  $('callback-log').append(callbackEntry(entry));
  $('log-empty').hidden = true;
}

async function refreshPayment() {
  if (!mcPayRef) return;
  const payment = await getJson(`/demo/payments/${encodeURIComponent(mcPayRef)}`);
  drawPayment($('state'), payment);
  offerOrder($('place'), payment);
}

/** Follows one payment; a newer one takes over. */
function follow(reference) {
  if (!reference || reference === mcPayRef) return;
  mcPayRef = reference;
  markEvents($('events'), mcPayRef);
  following += 1;
  const turn = following;
  whileVisible(2000, async () => {
    if (turn !== following) return false;
    await refreshPayment();
    return true;
  });
}

/** The token as the server of the library will read it, not as we meant it. */
function decode(sign) {
  const [header, payload] = sign.split('.').slice(0, 2).map((part) => {
    const binary = atob(part.replace(/-/g, '+').replace(/_/g, '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (letter) => letter.charCodeAt(0))));
  });
  return { header, payload };
}

// ---- paying -----------------------------------------------------------------------------------

/** The page redirects itself, unless the developer wants to see the library do it. */
function callbacks() {
  const { onRedirect, ...others } = callback;
  return $('form').elements.libraryRedirects.checked ? others : { ...others, onRedirect };
}

const callback = {
  onInit(...args) {
    note('onInit', args);
    follow(args[0].mcPayRef);
    showView(memory.flow === 'seamless');
    if (memory.flow !== 'seamless') say(`Taking you to ${chosenMethod()?.provider || 'the provider'}…`);
    else if (wasRefused) say('Your bank did not approve the payment. Try again, or with another card.', 'calm');
    else say('Fill in your card below.');
  },
  onSuccess(...args) {
    note('onSuccess', args);
    ended(args[0], 'Paid. Thank you, and enjoy your paper.', { tone: 'good', mayPayAgain: false });
  },
  onFailure(...args) {
    note('onFailure', args);
    const [payment, error, , reason] = args;
    // With a payment but no reason it may have been paid, so no second one is offered.
    ended(payment, REASONS[reason] || error.errorMessage, {
      tone: reason === 'cancel' ? 'calm' : 'bad', mayPayAgain: !payment || reason
    });
  },
  onRedirect(...args) {
    note('onRedirect', args);
    window.location.assign(args[0].redirectUrl);
  }
};

function ended(payment, text, { tone, mayPayAgain }) {
  follow(payment?.mcPayRef);
  showView(false);
  say(text, tone);
  $('again').hidden = false;
  setBusy(!mayPayAgain);
  $('form').setAttribute('aria-busy', 'false');
  refreshPayment().catch(() => {});
}

async function pay(event) {
  event.preventDefault();
  const [productId, method, flow] = ['product', 'method', 'flow'].map(chosen);
  const wish = { productId, method, flow };
  if (chosenMethod().asksForPhone) {
    if (PHONE.test(phoneNumber())) wish.phoneNumber = phoneNumber();
    wish.askProfile = $('form').elements.askProfile.checked;
  }
  wasRefused = false;
  setBusy(true);
  showView(false);
  $('again').hidden = true;
  say('The shop signs the payment…');
  memory = { log: [], flow, choice: { product: productId, method, flow } };
  drawMemory();
  try {
    const signed = await getJson('/demo/sign', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(wish)
    });
    memory.claims = decode(signed.sign);
    memory.flow = memory.claims.payload.paymentFlow || flow;
    saveMemory(memory);
    drawMemory();
    say('Starting the payment…');
    library.Api.paymentInit({ clientCode: signed.clientCode, sign: signed.sign }, callbacks());
  } catch (error) {
    say(`The shop could not sign the payment. ${error.message}`, 'bad');
    setBusy(false);
  }
}

async function cancel() {
  $('cancel').disabled = true;
  say('Cancelling…');
  const isOver = await library.Api.cancel();
  $('cancel').disabled = false;
  if (!isOver) say('The provider did not close the payment. You can still pay, or try to cancel again.', 'bad');
}

/** Back from 3-D Secure: the same page goes on where it was. */
function resume() {
  const before = loadMemory();
  memory = { ...before, flow: 'seamless', log: [...before.log] };
  wasRefused = /[?&]paymentFailed=true(&|$)/i.test(window.location.search);
  if (!library.Api.resume(callback)) {
    memory = { log: [] };
    return;
  }
  drawMemory();
  for (const [group, value] of Object.entries(memory.choice || {})) $('form').elements[group].value = value;
  setBusy(true);
  say('Welcome back. Picking up your payment…');
}

async function begin() {
  // Events are followed from the start: they also tell what happens to payments of other tabs.
  followEvents({
    list: $('events'), empty: $('events-empty'), live: $('live'),
    onEvent(event) {
      if (event.subject !== mcPayRef) return;
      markEvents($('events'), mcPayRef);
      refreshPayment().catch(() => {});
    }
  });
  try {
    config = await getJson('/demo/config.json');
  } catch (error) {
    say(`The shop could not load its offers. Reload the page to try again. ${error.message}`, 'bad');
    return;
  }
  drawConfig();
  if (!library) {
    say(`The payment library could not be loaded from ${config.libraryUrl}.`, 'bad');
    return;
  }
  $('form').addEventListener('change', refresh);
  $('phone').addEventListener('input', () => { $('phone-note').textContent = phoneNote(); });
  $('form').addEventListener('submit', pay);
  $('cancel').addEventListener('click', cancel);
  library.Api.init({ baseUrl: config.baseUrl, elementId: 'payment-view' });
  resume();
}

// The browser may show this page again as it was when it left for the provider.
window.addEventListener('pageshow', (event) => {
  if (event.persisted && config) {
    setBusy(false);
    say('');
  }
});

begin();
