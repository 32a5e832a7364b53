// What lives here: drawing what the server says about a payment, and small DOM parts that the shop
// and the return page share. What must never: innerHTML or inline styles, which the policy forbids.

const GOOD = new Set([
  'success', 'authorized', 'captured', 'partially_captured', 'refunded', 'partially_refunded'
]);
const BAD = new Set(['failure', 'failed', 'cancelled', 'expired', 'declined']);
const STORE = 'mcpay-demo';

/** An element with text, attributes and children; text never becomes markup. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

/** "349.00" and "NOK" as people read it; amounts stay the strings of the server. */
export function money(amount, currency) {
  return `${currency} ${amount}`;
}

/** @returns {'good' | 'bad' | 'open'} */
export function verdict(status) {
  if (GOOD.has(status)) return 'good';
  return BAD.has(status) ? 'bad' : 'open';
}

/** Asks one of the demo's own addresses; a problem document becomes an Error with its text. */
export async function getJson(address, options) {
  const response = await fetch(address, { cache: 'no-store', ...options });
  const body = await response.json().catch(() => undefined);
  if (response.ok && body) return body;
  const detail = body && (body.detail || body.errorMessage || body.title);
  throw Object.assign(new Error(detail || `The server answered ${address} with status ${response.status}.`),
    { status: response.status, body });
}

const drawn = new WeakMap();

/** Draws only what changed, so that a reference can be selected and copied while the page asks on. */
export function drawPayment(place, payment) {
  const { currency } = payment;
  const fingerprint = JSON.stringify(payment);
  if (drawn.get(place) === fingerprint) return;
  drawn.set(place, fingerprint);
  const rows = [
    ['mcPayRef', 'Reference', payment.mcPayRef],
    ['paymentMethod', 'Method', payment.paymentMethod],
    ['externalReference', 'Shop reference', payment.externalReference],
    ['amount', 'Amount', money(payment.amount, currency)],
    ['authorizedAmount', 'Reserved', money(payment.authorizedAmount, currency)],
    ['capturedAmount', 'Captured', money(payment.capturedAmount, currency)],
    ['refundedAmount', 'Refunded', money(payment.refundedAmount, currency)],
    ['cancelledAmount', 'Released', money(payment.cancelledAmount, currency)]
  ];
  const status = element('p', { class: 'status' },
    element('span', { class: `badge ${verdict(payment.status)}`, 'data-testid': 'payment-status' }, payment.status));
  if (payment.reason) {
    status.append(' ', element('span', { class: 'reason', 'data-testid': 'payment-reason' }, payment.reason));
  }
  const list = element('dl', { class: 'facts', 'data-testid': 'payment-state' });
  for (const [name, label, value] of rows) {
    list.append(element('div', {}, element('dt', {}, label),
      element('dd', { 'data-testid': `payment-${name}` }, String(value ?? ''))));
  }
  place.replaceChildren(status, list);
}

/** Offers to place the order that this payment is for; the key makes a second click a repetition. */
export function offerOrder(form, payment) {
  form.action = `/demo/merchant/${encodeURIComponent(payment.mcPayRef)}`;
  form.elements.key.value = `order-${payment.mcPayRef}`;
  form.hidden = payment.status !== 'authorized';
}

/** One line of a log, with its JSON folded away below. */
export function logEntry({ title, time, note, json, testid, tone, open }) {
  const summary = element('summary', {}, element('span', { class: `log-title ${tone || ''}` }, title),
    element('span', { class: 'log-note' }, note || ''), element('time', {}, time));
  const body = element('pre', { 'data-testid': `${testid}-json`, tabindex: '0' }, JSON.stringify(json, null, 2));
  return element('li', { 'data-testid': testid }, element('details', { open }, summary, body));
}

export function callbackEntry({ name, args, time }) {
  const tone = { onSuccess: 'good', onFailure: 'bad' }[name];
  return logEntry({ title: name, note: args[3] || '', time, json: args, testid: `callback-${name}`, tone, open: true });
}

/** What this tab keeps across 3-D Secure and the redirect, so that the page is the same afterwards. */
export function loadMemory() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) || { log: [] };
  } catch {
    return { log: [] };
  }
}

export function saveMemory(memory) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(memory));
  } catch {
    // A blocked storage only costs the log of before.
  }
}

/** Runs `step` again and again while the page is visible, more slowly while it fails. */
export function whileVisible(milliseconds, step) {
  let failures = 0;
  const turn = async () => {
    if (document.visibilityState === 'visible') {
      try {
        if ((await step()) === false) return;
        failures = 0;
      } catch {
        failures += 1;
      }
    }
    setTimeout(turn, Math.min(milliseconds * 2 ** failures, 15000));
  };
  turn();
}
