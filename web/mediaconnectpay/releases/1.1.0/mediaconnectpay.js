/*!
 * mediaconnectpay: starts mcPay payments from a shop's page and shows the provider's seamless view.
 *
 * What lives here: the global `mediaconnectpay`, as one classic script without dependencies, served
 * exactly as written. What must never: keys, amounts or any verdict of its own about money. The
 * server asks the provider, and only the server's answer becomes onSuccess.
 */
(function (/** @type {any} */ root) {
  'use strict';

  const VERSION = '1.1.0';

  /**
   * @typedef {{ code: string, exceptionType: string, errorMessage: string, [member: string]: any }} Problem
   * @typedef {{ provider: string, scriptUrl?: string, [member: string]: any }} View
   * @typedef {{ status: 'pending' | 'success' | 'failure', reason?: string, view?: View }} PaymentState
   * @typedef {{ lost?: true, ok?: boolean, status?: number, body?: any, problem?: Problem,
   *   retryAfterMs?: number }} Answer
   * @typedef {'paid' | 'aborted' | 'error' | 'cancel' | 'resume'} Trigger
   * @typedef {object} Session One paymentInit or resume, from the call until its last callback.
   * @property {string} baseUrl
   * @property {string} elementId
   * @property {any} callback
   * @property {any} options
   * @property {boolean} ended
   * @property {string} [mcPayRef]
   * @property {Promise<void>} [started] settles when the first step (start or pick up) is over
   * @property {boolean} [cancelWanted] Api.cancel() came before the payment had a reference
   * @property {Promise<boolean>} [closing] the running Api.cancel()
   * @property {boolean} [settling]
   * @property {Trigger} [trigger]
   * @property {Partial<Record<Trigger, any>>} events what the provider's script said
   * @property {any} [handle] the provider's open view
   * @property {any} [container]
   * @property {any} [script]
   */

  /** A lost connection: six tries in all. The key makes repeating them safe. */
  const LOST_WAITS_MS = [500, 1000, 2000, 4000, 8000];
  /** A key whose owner died answers after 30 seconds, so these waits have to outlast that. */
  const BUSY_WAITS_MS = [1000, 1000, 2000, 3000, 5000, 5000, 5000, 5000, 5000, 5000];
  const ANSWER_TIMEOUT_MS = 40000;
  const FIRST_POLL_MS = 1000;
  const LONGEST_POLL_MS = 10000;
  /**
   * How often the server is asked before the library gives up. A payer who paid gets about three
   * minutes, because calling that a failure too soon invites a second payment.
   * @type {Record<Trigger, number>}
   */
  const TRIES = { paid: 23, resume: 23, aborted: 6, cancel: 6, error: 3 };
  /** What counts when several things happen at once: the later in this list. */
  const WEIGHT = ['cancel', 'error', 'aborted', 'resume', 'paid'];
  const STORAGE_KEY = 'mediaconnectpay';
  const REASONS = ['cancel', 'declined', 'expired', 'error'];

  /** A page whose policy works with nonces gave one to this script; the view's script needs it too. */
  const nonce = root.document.currentScript && root.document.currentScript.nonce;

  /** @type {{ baseUrl: string, elementId: string } | undefined} */
  let settings;
  /** @type {Session | undefined} */
  let current;
  let views = 0;
  /** By the address of the script. @type {Map<string, Promise<any>>} */
  const nexiCheckouts = new Map();

  // ---- errors, callbacks and small things -----------------------------------------------------

  /** An error of the library itself, in the same shape as the server's. @returns {Problem} */
  function localError(code, message) {
    const name = code.replace(/(^|_)([a-z])/g, (_all, _gap, letter) => letter.toUpperCase());
    return { code: code, exceptionType: name + 'Exception', errorMessage: message };
  }

  /** Fills in the members that a problem of a proxy or an old server may lack. @returns {Problem} */
  function asProblem(body, status) {
    const found = body && typeof body === 'object' ? body : {};
    const filler = localError(
      found.code || 'bad_response',
      found.detail || 'The payment server answered with status ' + status + ' and no explanation.'
    );
    return Object.assign(filler, { status: status }, found);
  }

  /** Calls the page. An exception there is reported as the page's and never breaks the payment. */
  function tell(session, name, ...args) {
    try {
      if (typeof session.callback[name] === 'function') session.callback[name](...args);
    } catch (thrown) {
      if (typeof root.reportError === 'function') root.reportError(thrown);
      else console.error(thrown);
    }
  }

  function sleep(milliseconds) {
    return new Promise((resolve) => root.setTimeout(resolve, milliseconds));
  }

  function isFilled(value) {
    return typeof value === 'string' && value.trim() !== '';
  }

  /** Only web addresses: an answer must not be able to hand over a `javascript:` URL. */
  function isWebUrl(value) {
    try {
      return isFilled(value) && /^https?:$/.test(new URL(value, root.location.href).protocol);
    } catch {
      return false;
    }
  }

  /** 128 random bits; randomUUID is missing on pages that are not served over https. */
  function randomKey() {
    if (typeof root.crypto.randomUUID === 'function') return root.crypto.randomUUID();
    const bytes = root.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  // ---- what this tab remembers ----------------------------------------------------------------

  /** Storage may be blocked or full: then 3-D Secure cannot be resumed, but paying still works. */
  function remember(mcPayRef, clientCode) {
    try {
      root.sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ mcPayRef, clientCode }));
    } catch { /* See above. */ }
  }

  /** @returns {{ mcPayRef: string, clientCode: string } | undefined} */
  function recall() {
    try {
      const stored = JSON.parse(root.sessionStorage.getItem(STORAGE_KEY) || 'null');
      return stored && isFilled(stored.mcPayRef) ? stored : undefined;
    } catch {
      return undefined;
    }
  }

  /** Forgets this payment only: another one may have been stored since. */
  function forget(mcPayRef) {
    const stored = recall();
    try {
      if (stored && stored.mcPayRef === mcPayRef) root.sessionStorage.removeItem(STORAGE_KEY);
    } catch { /* Nothing is stored where storage is blocked. */ }
  }

  /** The payment this tab began and this page was come back to with, so never a stranger's. */
  function findResumable() {
    const stored = recall();
    const asked = new URLSearchParams(root.location.search).get('mcPayRef');
    return stored && stored.mcPayRef === asked ? stored : undefined;
  }

  // ---- the server -----------------------------------------------------------------------------

  /** One request. A missing answer is `lost`, also when only a proxy spoke. @returns {Promise<Answer>} */
  async function ask(session, method, path, body, key) {
    const abort = new AbortController();
    const timer = root.setTimeout(() => abort.abort(), ANSWER_TIMEOUT_MS);
    const headers = { Accept: 'application/json' };
    if (body) headers['Content-Type'] = 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    try {
      const response = await root.fetch(session.baseUrl + path, {
        method, headers, body, signal: abort.signal, credentials: 'omit', cache: 'no-store'
      });
      return readAnswer(response, await response.text());
    } catch {
      return { lost: true };
    } finally {
      root.clearTimeout(timer);
    }
  }

  /** @returns {Answer} */
  function readAnswer(response, text) {
    let body;
    try {
      body = JSON.parse(text);
    } catch {
      if (response.status >= 502 && response.status <= 504) return { lost: true };
    }
    if (response.ok && body && typeof body === 'object') return { ok: true, body };
    const seconds = Number(response.headers.get('Retry-After'));
    const retryAfterMs = seconds > 0 ? Math.min(seconds * 1000, 30000) : 0;
    return { status: response.status, problem: asProblem(body, response.status), retryAfterMs };
  }

  /**
   * Repeats the same request while the connection is lost or its first copy is still worked on. A
   * question may also be repeated when the server is overloaded; a paymentInit then is refused.
   */
  async function askUntilAnswered(session, method, path, body, key) {
    let lost = 0;
    let busy = 0;
    for (;;) {
      const answer = await ask(session, method, path, body, key);
      if (!isAlive(session)) return answer;
      const overloaded = method === 'GET' && (answer.status === 429 || Number(answer.status) >= 500);
      if (answer.lost || overloaded) {
        if (lost === LOST_WAITS_MS.length) {
          return answer.lost ? { problem: networkError(session) } : answer;
        }
        await sleep(Math.max(LOST_WAITS_MS[lost++], answer.retryAfterMs || 0));
      } else if (answer.problem && answer.problem.code === 'request_in_progress') {
        if (busy === BUSY_WAITS_MS.length) return answer;
        await sleep(Math.max(BUSY_WAITS_MS[busy++], answer.retryAfterMs || 0));
      } else {
        return answer;
      }
    }
  }

  function networkError(session) {
    return localError('network', 'The payment server at ' + session.baseUrl + ' could not be ' +
      'reached. Check the connection, the baseUrl, and connect-src in the Content-Security-Policy.');
  }

  function paymentPath(session) {
    return '/payments/' + encodeURIComponent(session.mcPayRef);
  }

  // ---- a session's life -----------------------------------------------------------------------

  function isAlive(session) {
    return session === current && !session.ended;
  }

  /** Makes this the only session: an older view is taken away and says nothing more. */
  function openSession(callback, options) {
    if (current) end(current);
    current = Object.assign(
      { callback, options: options || {}, ended: false, events: {} }, settings);
    return current;
  }

  /** Runs a step of a session; a fault of ours becomes onFailure, not an unhandled rejection. */
  async function run(session, step) {
    try {
      await step();
    } catch (thrown) {
      console.error(thrown);
      fail(session, localError('internal', 'The payment library failed: ' + thrown));
    }
  }

  function end(session) {
    session.ended = true;
    if (session === current) current = undefined;
    try {
      if (session.handle && typeof session.handle.close === 'function') session.handle.close();
    } catch { /* The view goes with its container. */ }
    if (session.container) session.container.remove();
    if (session.script) session.script.remove();
  }

  /** The last word of a session; a second one is ignored. */
  function fail(session, problem, reason, providerResponse) {
    if (!isAlive(session)) return;
    const mcPayRef = session.mcPayRef || problem.mcPayRef;
    const details = providerResponse === undefined ? problem.providerResponse : providerResponse;
    end(session);
    tell(session, 'onFailure', mcPayRef ? { mcPayRef } : undefined, problem, details, reason);
  }

  /** Tells what the server has settled. Returns false while that is nothing. */
  function conclude(session, answer, trigger) {
    const state = /** @type {PaymentState | undefined} */ (answer.ok ? answer.body : undefined);
    const gone = answer.status === 404 || answer.status === 410;
    if (!gone && !(state && (state.status === 'success' || state.status === 'failure'))) return false;
    if (!isAlive(session)) return true;
    forget(session.mcPayRef);
    if (!state) {
      fail(session, answer.problem);
    } else if (state.status === 'success') {
      end(session);
      tell(session, 'onSuccess', { mcPayRef: session.mcPayRef }, session.events.paid);
    } else {
      const unsaid = trigger === 'aborted' || trigger === 'cancel' ? 'cancel' : 'error';
      const reason = REASONS.includes(state.reason || '') ? state.reason : unsaid;
      fail(session, paymentFailed(reason), reason, session.events.error);
    }
    return true;
  }

  function paymentFailed(reason) {
    if (reason === 'cancel') return localError('payment_cancelled', 'The payment was cancelled.');
    if (reason === 'declined') return localError('payment_declined', 'The payment was declined.');
    if (reason === 'expired') return localError('payment_expired', 'The time to pay ran out.');
    return localError('payment_failed', 'The payment failed at the provider.');
  }

  /** Has the server ask the provider until the payment is settled or the tries are used up. */
  async function settle(session, trigger, event) {
    if (!isAlive(session)) return;
    session.events[trigger] = event;
    const weighs = (/** @type {any} */ one) => WEIGHT.indexOf(one);
    if (!session.settling || weighs(trigger) > weighs(session.trigger)) session.trigger = trigger;
    if (session.settling) return;
    session.settling = true;
    let wait = FIRST_POLL_MS;
    for (let tries = 1; ; tries++) {
      const answer = await ask(session, 'POST', paymentPath(session) + '/complete');
      if (!isAlive(session) || conclude(session, answer, session.trigger)) return;
      if (tries >= TRIES[session.trigger]) break;
      await sleep(Math.max(wait, answer.retryAfterMs || 0));
      if (!isAlive(session)) return;
      wait = Math.min(wait * 1.5, LONGEST_POLL_MS);
    }
    session.settling = false;
    giveUp(session);
  }

  /** Not settled in time. It may still be paid, so there is no reason that a page could act on. */
  function giveUp(session) {
    if (session.trigger === 'error') {
      fail(session, viewFailed('it reported an error'), undefined, session.events.error);
    } else if (session.trigger !== 'cancel' || !session.handle) {
      fail(session, localError('outcome_unknown', 'The provider has not yet said how the payment ' +
        'ended. It may have been paid: do not ask for it again, the server will find out.'));
    }
  }

  // ---- the provider's view --------------------------------------------------------------------

  /**
   * How each provider's view is shown. `load` brings the constructor or object that the provider's
   * script defines; `open` shows the view in the container and returns its handle, which may have
   * close() and refresh(). Another provider's view is one more entry here.
   */
  const VIEWS = new Map([
    ['payex', { load: loadPayexView, open: openPayexView }],
    ['nexi', { load: loadNexiCheckout, open: openNexiView }]
  ]);

  /** What to do when the provider's script reports an end: have the server ask the provider. */
  function hear(session, trigger) {
    return (event) => { run(session, () => settle(session, trigger, event)); };
  }

  /** Every view gets its own script: PayEx makes one for each payment order. */
  async function loadPayexView(session, view) {
    await loadScript(view.scriptUrl, session);
    const hostedView = root.payex && root.payex.hostedView;
    if (!hostedView) throw new Error('its script did not define payex.hostedView');
    return hostedView;
  }

  /**
   * Only ends are listened to. A handler replaces the default behaviour (PayEx, seamless view
   * events): onOutOfViewRedirect must keep its own, the redirect to 3-D Secure, and a failed or
   * aborted attempt ends nothing because the view lets the payer try another card.
   */
  function openPayexView(hostedView, session, view, containerId) {
    const config = {
      container: { checkout: containerId },
      culture: session.options.culture || view.culture,
      onPaid: hear(session, 'paid'),
      onAborted: hear(session, 'aborted'),
      onError: hear(session, 'error')
    };
    if (session.options.style) config.style = session.options.style;
    const checkout = hostedView.checkout(config);
    checkout.open();
    return checkout;
  }

  /**
   * One script serves every payment and stays: it is loaded once, and not at all where the page has
   * it. Each address keeps the constructor it defined, for Nexi's test and live scripts share a name.
   */
  function loadNexiCheckout(_session, view) {
    const url = view.scriptUrl;
    const known = nexiCheckouts.get(url);
    if (known) return known;
    const loaded = fetchNexiCheckout(url);
    nexiCheckouts.set(url, loaded);
    // Forgotten when it failed, so that the next payment tries again.
    loaded.catch(() => nexiCheckouts.delete(url));
    return loaded;
  }

  async function fetchNexiCheckout(url) {
    const defined = () => root.Dibs && root.Dibs.Checkout;
    const own = nexiCheckouts.size > 0;
    const tags = Array.from(root.document.scripts, (script) => script.src);
    // A tag of the page that is still under way is waited for, rather than loaded a second time.
    if (!own && !defined() && tags.includes(url)) await pageLoaded();
    if (own || !defined()) await loadScript(url);
    if (!defined()) throw new Error('its script did not define Dibs.Checkout');
    return defined();
  }

  /**
   * Nexi waits with the payment when somebody listens to the pay button, until it is told to go on:
   * so no payment is begun while Api.cancel() closes it. Nexi documents no event for a declined
   * attempt; the view lets the payer try another card.
   */
  function openNexiView(Checkout, session, view, containerId) {
    const missing = ['checkoutKey', 'paymentId'].filter((member) => !isFilled(view[member]));
    if (missing.length > 0) throw new Error('the server gave no ' + missing.join(' and no '));
    const config = {
      checkoutKey: view.checkoutKey,
      paymentId: view.paymentId,
      containerId,
      language: session.options.culture || view.language
    };
    if (session.options.theme) config.theme = session.options.theme;
    const checkout = new Checkout(config);
    checkout.on('pay-initialized', () => {
      checkout.send('payment-order-finalized', isAlive(session) && !session.closing);
    });
    checkout.on('payment-completed', hear(session, 'paid'));
    // cleanup() drops the listeners only; the iframe goes with its container.
    return { close: () => checkout.cleanup(), refresh: () => checkout.thawCheckout() };
  }

  async function openView(session, view) {
    const provider = VIEWS.get(view.provider);
    if (!provider) {
      fail(session, localError('view_unsupported', 'mediaconnectpay ' + VERSION + ' cannot show ' +
        'the view of the provider "' + view.provider + '". Use a newer version or the redirect flow.'));
      return;
    }
    try {
      await documentReady();
      if (!isAlive(session) || session.closing) return;
      const containerId = addContainer(session);
      const api = await provider.load(session, view);
      if (!isAlive(session) || session.closing) return;
      session.handle = provider.open(api, session, view, containerId);
    } catch (thrown) {
      await giveUpView(session, thrown);
    }
  }

  function viewFailed(why) {
    return localError('view_failed', "The provider's payment view could not be used: " + why + '.');
  }

  /** The payer may have paid before, in another tab or in an app: so the server is asked first. */
  async function giveUpView(session, thrown) {
    const answer = await ask(session, 'GET', paymentPath(session));
    if (!isAlive(session) || conclude(session, answer)) return;
    fail(session, viewFailed(thrown.message || String(thrown)));
  }

  /** The library may run in the head, before the element exists. */
  function documentReady() {
    if (root.document.readyState !== 'loading') return Promise.resolve();
    return new Promise((resolve) => {
      root.document.addEventListener('DOMContentLoaded', resolve, { once: true });
    });
  }

  /** Until every tag of the page has run or failed. */
  function pageLoaded() {
    if (root.document.readyState === 'complete') return Promise.resolve();
    return new Promise((resolve) => root.addEventListener('load', resolve, { once: true }));
  }

  function addContainer(session) {
    const host = root.document.getElementById(session.elementId);
    if (!host) throw new Error('the page has no element with the id "' + session.elementId + '"');
    session.container = root.document.createElement('div');
    session.container.id = session.elementId + '-view-' + ++views;
    host.appendChild(session.container);
    return session.container.id;
  }

  /** The element goes with the session that owns it, or else stays. @param {any} [session] */
  function loadScript(url, session) {
    if (!isWebUrl(url)) return Promise.reject(new Error('the address of its script is missing'));
    return new Promise((resolve, reject) => {
      const script = root.document.createElement('script');
      script.onload = resolve;
      // Only the origin: the whole address carries the payment's own token, and pages log errors.
      const from = new URL(url, root.location.href).origin;
      script.onerror = () => {
        script.remove();
        reject(new Error('its script could not be loaded from ' + from));
      };
      if (nonce) script.nonce = nonce;
      script.src = url;
      if (session) session.script = script;
      root.document.head.appendChild(script);
    });
  }

  // ---- starting, picking up and cancelling ----------------------------------------------------

  /** Why this call cannot start anything, or undefined. @returns {Problem | undefined} */
  function refusal(request) {
    if (!settings) {
      return localError('not_initialised', 'Call mediaconnectpay.Api.init({ baseUrl, elementId }) first.');
    }
    if (root.top !== root.self) {
      return localError('iframe_refused', 'Payments cannot be started ' +
        'inside an iframe. Open the page in a window of its own.');
    }
    const missing = ['clientCode', 'sign'].filter((field) => !request || !isFilled(request[field]));
    if (missing.length === 0) return undefined;
    const message = 'paymentInit needs ' + missing.join(' and ') + ' as a non-empty string.';
    const errors = missing.map((field) => ({ field, code: 'required', message: field + ' is required.' }));
    return Object.assign(localError('invalid_request', message), { errors });
  }

  /**
   * Where the payer comes back to. What Nexi added for an earlier payment goes: Nexi would add its own
   * beside it, until the address is longer than Nexi takes.
   */
  function pageUrl() {
    const url = new URL(root.location.href);
    url.hash = '';
    const names = Array.from(url.searchParams.keys());
    if (names.includes('mcPayRef')) {
      names.filter((name) => /^payment(id|failed)$/i.test(name)).forEach((name) => url.searchParams.delete(name));
    }
    return url.href;
  }

  async function start(session, request) {
    const body = JSON.stringify({
      clientCode: request.clientCode, sign: request.sign, pageUrl: pageUrl()
    });
    const answer = await askUntilAnswered(session, 'POST', '/paymentInit', body, randomKey());
    if (!isAlive(session)) return;
    if (!answer.ok) {
      fail(session, answer.problem, session.cancelWanted ? 'cancel' : undefined);
      return;
    }
    const begun = answer.body;
    const seamless = begun.paymentFlow === 'seamless' && begun.view;
    if (!isFilled(begun.mcPayRef) || !(seamless || isWebUrl(begun.redirectUrl))) {
      fail(session, localError('bad_response', 'The answer to paymentInit cannot be understood.'));
      return;
    }
    session.mcPayRef = begun.mcPayRef;
    if (session.cancelWanted) {
      await closePayment(session);
      return;
    }
    if (seamless) remember(begun.mcPayRef, request.clientCode);
    tell(session, 'onInit', { mcPayRef: begun.mcPayRef });
    if (!isAlive(session) || session.closing) return;
    if (seamless) await openView(session, begun.view);
    else redirect(session, begun.redirectUrl);
  }

  /** The rest happens at the provider, and the server sends the payer on to returnUrl. */
  function redirect(session, redirectUrl) {
    end(session);
    if (typeof session.callback.onRedirect === 'function') {
      tell(session, 'onRedirect', { mcPayRef: session.mcPayRef, redirectUrl });
    } else {
      root.location.assign(redirectUrl);
    }
  }

  /** Goes on with a payment that had left the page. Returns the problem when it no longer exists. */
  async function pickUp(session, mcPayRef) {
    session.mcPayRef = mcPayRef;
    const answer = await askUntilAnswered(session, 'GET', paymentPath(session));
    if (!isAlive(session) || session.closing) return undefined;
    if (answer.status === 404 || answer.status === 410) {
      forget(mcPayRef);
      return answer.problem;
    }
    if (!answer.ok) {
      fail(session, answer.problem);
    } else if (!conclude(session, answer)) {
      if (!answer.body.view) {
        await settle(session, 'resume');
        return undefined;
      }
      tell(session, 'onInit', { mcPayRef });
      if (isAlive(session) && !session.closing) await openView(session, answer.body.view);
    }
    return undefined;
  }

  /** Closes the payment at the provider. While that has not happened the view stays usable. */
  async function closePayment(session) {
    const answer = await askUntilAnswered(session, 'POST', paymentPath(session) + '/cancel');
    if (!isAlive(session) || conclude(session, answer, 'cancel')) return;
    try {
      if (session.handle && session.handle.refresh) session.handle.refresh();
    } catch { /* A view that cannot refresh shows the new state at its next step. */ }
    await settle(session, 'cancel');
  }

  // ---- the public part ------------------------------------------------------------------------

  function requireCallback(name, callback) {
    if (callback && typeof callback === 'object') return;
    throw new TypeError('mediaconnectpay.Api.' + name + ' needs a callback ' +
      'object with onSuccess and onFailure.');
  }

  function init(options) {
    const given = options || {};
    if (!isWebUrl(given.baseUrl)) {
      throw new TypeError('mediaconnectpay.Api.init needs baseUrl, the http(s) address of the mcPay API.');
    }
    if (!isFilled(given.elementId)) {
      throw new TypeError('mediaconnectpay.Api.init needs elementId, the id ' +
        'of the element for the payment view.');
    }
    const baseUrl = new URL(given.baseUrl, root.location.href).href.replace(/\/+$/, '');
    settings = { baseUrl, elementId: given.elementId };
  }

  function paymentInit(request, callback, options) {
    requireCallback('paymentInit', callback);
    const session = openSession(callback, options);
    session.started = run(session, async () => {
      // Callbacks never run inside the page's own call, so a page need not care about the order.
      await Promise.resolve();
      if (!isAlive(session)) return;
      const refused = refusal(request);
      const resumable = refused ? undefined : findResumable();
      if (refused) {
        fail(session, refused);
      } else if (resumable && resumable.clientCode === request.clientCode) {
        const gone = await pickUp(session, resumable.mcPayRef);
        if (!gone || !isAlive(session)) return;
        session.mcPayRef = undefined;
        await start(session, request);
      } else {
        await start(session, request);
      }
    });
  }

  function resume(callback, options) {
    requireCallback('resume', callback);
    const resumable = findResumable();
    if (!settings || root.top !== root.self || !resumable) return false;
    const session = openSession(callback, options);
    session.started = run(session, async () => {
      const gone = await pickUp(session, resumable.mcPayRef);
      if (gone) fail(session, gone);
    });
    return true;
  }

  async function cancel() {
    const session = current;
    if (!session) return false;
    if (!session.closing) {
      session.cancelWanted = !session.mcPayRef;
      const closed = session.cancelWanted
        ? session.started
        : run(session, () => closePayment(session));
      session.closing = Promise.resolve(closed).then(() => {
        session.closing = undefined;
        return session.ended;
      });
    }
    return session.closing;
  }

  root.mediaconnectpay = Object.freeze({
    version: VERSION,
    Api: Object.freeze({ init, paymentInit, resume, cancel })
  });
})(window);
