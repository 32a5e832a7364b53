// What lives here: a page for the tests. It has the few parts of a browser that the library touches
// (document, fetch, storage, timers) and loads the real source. Time is virtual, so waits cost nothing.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const SOURCE_PATH = path.join(__dirname, '..', 'src', 'mediaconnectpay.js');
const SOURCE = fs.readFileSync(SOURCE_PATH, 'utf8');
const BASE_URL = 'https://pay.example/capi/mcpay';
const REF = '019a0000-0000-7000-8000-000000000001';
const CLIENT = 'no.mediaconnect.test';
const PAYEX_VIEW = { provider: 'payex', scriptUrl: 'https://payex.example/script-1.js', culture: 'nb-NO' };
const NEXI_VIEW = {
  provider: 'nexi', scriptUrl: 'https://nexi.example/v1/checkout.js?v=1', checkoutKey: 'public-key',
  paymentId: '0123456789abcdef0123456789abcdef', language: 'nb-NO'
};

class Element {
  constructor(tag) {
    this.tag = tag;
    this.children = [];
  }

  appendChild(child) {
    child.parent = this;
    this.children.push(child);
    if (this.onAppend) this.onAppend(child);
    return child;
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((other) => other !== this);
  }
}

/** A storage that outlives a page, as the tab's does. */
function newStorage(initial = {}) {
  const items = new Map(Object.entries(initial));
  return {
    getItem: (key) => (items.has(key) ? items.get(key) : null),
    setItem: (key, value) => void items.set(key, String(value)),
    removeItem: (key) => void items.delete(key)
  };
}

class Page {
  constructor({ href = 'https://shop.example/buy?x=1#top', storage = newStorage(), framed = false } = {}) {
    this.now = 0;
    this.timers = [];
    this.requests = [];
    this.routes = new Map();
    this.log = [];
    this.reported = [];
    this.views = [];
    this.scripts = [];
    this.scriptLoads = true;
    this.payexBreaks = false;
    this.checkouts = [];
    this.windowListeners = new Map();
    this.host = new Element('div');
    this.storage = storage;
    this.load(new URL(href), framed);
  }

  load(url, framed) {
    const head = new Element('head');
    head.onAppend = (script) => this.runScript(script);
    const window = {
      URL, URLSearchParams, AbortController, crypto: globalThis.crypto,
      console: { error: (...args) => this.reported.push(args) },
      reportError: (thrown) => this.reported.push(thrown),
      setTimeout: (fn, ms) => this.addTimer(fn, ms),
      clearTimeout: (id) => { this.timers = this.timers.filter((timer) => timer.id !== id); },
      fetch: (address, options) => this.answer(address, options),
      sessionStorage: this.storage,
      location: { href: url.href, search: url.search, assign: (to) => this.log.push(['assign', to]) },
      document: {
        readyState: 'complete', head, currentScript: { nonce: 'n0nce' },
        createElement: (tag) => new Element(tag),
        getElementById: (id) => (id === 'pay-here' ? this.host : null)
      }
    };
    // The list of the document is a live one.
    Object.defineProperty(window.document, 'scripts', { get: () => head.children });
    window.addEventListener = (name, listener) => void this.windowListeners.set(name, listener);
    window.window = window.self = window;
    window.top = framed ? {} : window;
    this.window = window;
    this.head = head;
    vm.runInNewContext(SOURCE, window, { filename: SOURCE_PATH });
    this.Api = window.mediaconnectpay.Api;
  }

  init() {
    this.Api.init({ baseUrl: BASE_URL, elementId: 'pay-here' });
    return this;
  }

  /** Answers of one route in order; the last one repeats. 'lost' is a connection without answer. */
  on(route, ...answers) {
    this.routes.set(route, answers);
    return this;
  }

  async answer(address, options) {
    const route = options.method + ' ' + address.slice(BASE_URL.length);
    this.requests.push({ route, at: this.now, ...options });
    const answers = this.routes.get(route);
    if (!answers) throw new Error('no answer is prepared for ' + route);
    const [next] = answers.length > 1 ? answers.splice(0, 1) : answers;
    const answer = typeof next === 'function' ? await next(options) : next;
    if (answer === 'lost') throw new TypeError('Failed to fetch');
    const { status = 200, headers = {}, ...rest } = answer.status >= 100 ? answer : { body: answer };
    const text = typeof rest.body === 'string' ? rest.body : JSON.stringify(rest.body);
    return new Response(text, { status, headers });
  }

  runScript(script) {
    this.scripts.push(script);
    queueMicrotask(() => {
      if (!this.scriptLoads) return script.onerror();
      if (script.src.includes('nexi')) this.defineDibs(script.src);
      else this.window.payex = { hostedView: { checkout: (config) => this.newView(config) } };
      return script.onload();
    });
  }

  /** What Nexi's script does: defines a constructor, which here also says where it came from. */
  defineDibs(from) {
    const { checkouts } = this;
    this.window.Dibs = {
      Checkout: class {
        constructor(config) {
          Object.assign(this, { config, from, listeners: new Map(), sent: [], cleaned: 0, thawed: 0 });
          checkouts.push(this);
        }

        on(name, listener) { this.listeners.set(name, listener); }

        send(...what) { this.sent.push(what); }

        cleanup() { this.cleaned += 1; }

        thawCheckout() { this.thawed += 1; }

        fire(name, payload) { this.listeners.get(name)(payload); }
      }
    };
  }

  newView(config) {
    if (this.payexBreaks) throw new Error('bad container');
    const view = { config, opened: 0, closed: 0, refreshed: 0 };
    view.open = () => { view.opened += 1; };
    view.close = () => { view.closed += 1; };
    view.refresh = () => { view.refreshed += 1; };
    this.views.push(view);
    return view;
  }

  addTimer(fn, ms) {
    const id = Symbol('timer');
    this.timers.push({ id, at: this.now + ms, fn });
    return id;
  }

  /** Lets everything that is under way happen, including the waits, until nothing is left to do. */
  async rest() {
    for (;;) {
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      if (this.timers.length === 0) return;
      const next = this.timers.reduce((first, timer) => (timer.at < first.at ? timer : first));
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = next.at;
      next.fn();
    }
  }

  /** A callback object that writes down what it hears. */
  callback({ onRedirect = false, throws = false } = {}) {
    const names = ['onInit', 'onSuccess', 'onFailure'].concat(onRedirect ? ['onRedirect'] : []);
    return Object.fromEntries(names.map((name) => [name, (...args) => {
      this.log.push([name, ...args]);
      if (throws) throw new Error('the page failed in ' + name);
    }]));
  }

  pay(callback = this.callback(), options) {
    this.Api.paymentInit({ clientCode: CLIENT, sign: 'a.b.c' }, callback, options);
  }

  heard() {
    return this.log.map(([name]) => name);
  }

  asked() {
    return this.requests.map((request) => request.route);
  }

  stored() {
    return this.storage.getItem('mediaconnectpay');
  }
}

/** A page on which a seamless payment is open and the payer can type. */
async function pageWithOpenView(setup = {}) {
  const page = new Page(setup).init();
  page.on('POST /paymentInit', { mcPayRef: REF, paymentFlow: 'seamless', view: setup.view || PAYEX_VIEW });
  page.pay(setup.callback, setup.options);
  await page.rest();
  return page;
}

const state = (status, more) => ({ mcPayRef: REF, status, ...more });
const problem = (status, code, more = {}) => ({
  status,
  headers: more.headers,
  body: { status, code, exceptionType: 'X', errorMessage: code, detail: code, ...more.body }
});
const COMPLETE = `POST /payments/${REF}/complete`;
const CANCEL = `POST /payments/${REF}/cancel`;
const STATUS = `GET /payments/${REF}`;
const REMEMBERED = { mediaconnectpay: JSON.stringify({ mcPayRef: REF, clientCode: CLIENT }) };
const RETURNED = `https://shop.example/buy?mcPayRef=${REF}`;

module.exports = {
  BASE_URL, CANCEL, CLIENT, COMPLETE, NEXI_VIEW, PAYEX_VIEW, Page, REF, REMEMBERED, RETURNED, SOURCE, STATUS,
  newStorage, pageWithOpenView, problem, state
};
