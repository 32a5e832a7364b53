// The script that a shop's page loads: defines Dibs.Checkout, draws the frame and hands on what the
// frame tells.
(function (settings) {
  'use strict';
  var sandboxOrigin = new URL(settings.frameUrl).origin;
  var FRAME_ID = 'nets-checkout-iframe';
  var EVENTS = [
    'pay-initialized', 'payment-completed', 'address-changed', 'applepay-contact-updated'
  ];

  function Checkout(options) {
    options = options || {};
    var container = document.getElementById(options.containerId || 'dibs-checkout-content');
    if (!options.checkoutKey || !options.paymentId) {
      throw new Error('Dibs.Checkout needs a checkoutKey and a paymentId.');
    }
    if (!container) throw new Error('containerId names no element of this page.');
    if (window.top !== window.self) throw new Error('The checkout cannot run inside a frame.');

    var language = options.language || 'en-GB';
    var theme = options.theme || {};
    var listeners = {};
    var frame = document.createElement('iframe');
    var isHalted = false;
    var loads = 0;

    function frameUrl() {
      var url = new URL(settings.frameUrl);
      url.searchParams.set('checkoutKey', options.checkoutKey);
      url.searchParams.set('paymentId', options.paymentId);
      url.searchParams.set('parent', window.location.origin + window.location.pathname);
      url.searchParams.set('language', language);
      loads += 1;
      url.searchParams.set('load', String(loads));
      return url.toString();
    }

    function command(what, more) {
      if (!frame.contentWindow) return;
      var message = more || {};
      message.source = 'nexi-sandbox-page';
      message.command = what;
      frame.contentWindow.postMessage(message, sandboxOrigin);
    }

    function fire(name, payload) {
      (listeners[name] || []).slice().forEach(function (listener) { listener(payload); });
    }

    // Whoever listens to the button must let the payment go on.
    function payPressed() {
      if (!(listeners['pay-initialized'] || []).length) {
        command('pay');
        return;
      }
      isHalted = true;
      fire('pay-initialized', options.paymentId);
    }

    function finalize(isFine) {
      if (!isHalted) return;
      isHalted = false;
      command(isFine === true ? 'pay' : 'refuse');
    }

    function follow(url) {
      if (new URL(url).origin === sandboxOrigin) window.location.assign(url);
    }

    function onMessage(event) {
      if (event.source !== frame.contentWindow || event.origin !== sandboxOrigin) return;
      var message = event.data;
      if (!message || message.source !== 'nexi-sandbox-frame') return;
      switch (message.event) {
        case 'ready':
          isHalted = false;
          command('theme', { theme: theme });
          break;
        case 'height':
          if (typeof message.height === 'number') frame.style.height = message.height + 'px';
          break;
        case 'pay-initialized':
          payPressed();
          break;
        case 'redirect':
          follow(message.url);
          break;
        case 'payment-completed':
          fire('payment-completed', { paymentId: message.paymentId });
          break;
      }
    }

    this.on = function (name, listener) {
      if (EVENTS.indexOf(name) < 0 || typeof listener !== 'function') return;
      listeners[name] = listeners[name] || [];
      listeners[name].push(listener);
    };
    this.send = function (name, value) {
      if (name === 'payment-order-finalized') finalize(value);
    };
    this.sendPaymentOrderFinalizedEvent = finalize;
    this.freezeCheckout = function () { command('freeze'); };
    this.thawCheckout = function () { frame.src = frameUrl(); };
    this.setLanguage = function (code) {
      language = code;
      frame.src = frameUrl();
    };
    this.setTheme = function (next) {
      theme = next || {};
      command('theme', { theme: theme });
    };
    this.completeApplePayShippingContactUpdate = function () {};
    this.cleanup = function () {
      listeners = {};
      window.removeEventListener('message', onMessage);
    };

    window.addEventListener('message', onMessage);
    frame.id = FRAME_ID;
    frame.title = 'Payment';
    frame.style.border = '0';
    frame.style.width = '100%';
    frame.style.height = '40rem';
    frame.style.display = 'block';
    frame.src = frameUrl();
    container.appendChild(frame);
  }

  window.Dibs = window.Dibs || {};
  window.Dibs.Checkout = Checkout;
})("SETTINGS");
