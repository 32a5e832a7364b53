// What lives here: the page the redirect flow comes back to. It shows the state the server knows;
// the status in the query is only compared with it, because anybody can write an address.

import {
  callbackEntry, drawPayment, getJson, loadMemory, offerOrder, verdict, whileVisible
} from './panel.js';

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(window.location.search);
const mcPayRef = query.get('mcPayRef');

const WORDS = {
  good: ['Thank you', 'Your payment is in order.'],
  bad: ['The payment was not completed', 'Nothing was taken. You can try again.'],
  open: ['Checking your payment…', 'The provider has not yet said how it ended. This page keeps asking.']
};
const REASONS = { cancel: 'You cancelled it.', declined: 'It was declined.', expired: 'The time to pay ran out.' };

function say(title, lead, tone) {
  // Written only when it changes, so that a screen reader does not repeat it at every look.
  if ($('title').textContent !== title) $('title').textContent = title;
  $('lead').textContent = lead;
  document.querySelector('.receipt').className = `card receipt ${tone}`;
}

function compare(tone) {
  const claimed = query.get('status');
  const agrees = (claimed === 'success') === (tone === 'good');
  const parts = [];
  if (claimed && tone !== 'open') {
    parts.push(agrees ? `The address says “${claimed}”, and the server agrees.`
      : `The address says “${claimed}”, but the server says otherwise. The server is right.`);
  }
  if (query.has('sub')) parts.push('The payer shared a profile with the shop.');
  $('claimed').textContent = parts.join(' ');
}

async function look() {
  let payment;
  try {
    payment = await getJson(`/demo/payments/${encodeURIComponent(mcPayRef)}`);
  } catch (error) {
    if (error.status === 404 || error.status === 410 || error.status === 400) {
      say('No such payment', 'The server does not know the payment in this address.', 'bad');
      return false;
    }
    say(WORDS.open[0], 'The server cannot be reached at the moment. This page keeps asking.', 'open');
    throw error;
  }
  const tone = verdict(payment.status);
  const [title, lead] = WORDS[tone];
  say(title, [REASONS[payment.reason], lead].filter(Boolean).join(' '), tone);
  drawPayment($('state'), payment);
  offerOrder($('place'), payment);
  compare(tone);
  return true;
}

const { log } = loadMemory();
const ours = log.some((entry) => entry.args[0]?.mcPayRef === mcPayRef);
if (ours) {
  $('callback-log').replaceChildren(...log.map(callbackEntry));
  $('before').hidden = false;
}

if (mcPayRef) whileVisible(2000, look);
else say('No payment', 'This address carries no mcPayRef, so there is nothing to show.', 'bad');
