// The script of the seamless view: defines window.payex.hostedView.checkout(cfg), draws the frame
// and hands the frame's events on. A handler of the page replaces the default behaviour.
(function (settings) {
  'use strict';
  var RESUME_WITHIN_MS = 120000;
  var sandboxOrigin = new URL(settings.frameUrl).origin;

  function follow(payload) {
    if (payload.redirectUrl) window.location.assign(payload.redirectUrl);
  }

  function openTab(url) {
    if (url) window.open(url, '_blank', 'noopener');
  }

  var defaults = {
    onPaid: follow,
    onAborted: follow,
    onOutOfViewRedirect: follow,
    onOutOfViewOpen: function (payload) { openTab(payload.openUrl); },
    onTermsOfServiceRequested: function (payload) { openTab(payload.termsOfServiceUrl); }
  };
  // The only events that a frame may raise, and what each of them carries.
  var carried = {
    onPaid: ['redirectUrl'],
    onAborted: ['redirectUrl'],
    onPaymentAttemptStarted: ['instrument'],
    onPaymentAttemptFailed: ['details'],
    onPaymentAttemptAborted: ['redirectUrl'],
    onOutOfViewRedirect: ['redirectUrl'],
    onInstrumentSelected: ['instrument'],
    onTermsOfServiceRequested: ['termsOfServiceUrl'],
    onCheckoutLoaded: ['bodyHeight'],
    onCheckoutResized: ['bodyHeight'],
    onPaymentButtonPressed: [],
    onError: ['details']
  };

  function checkout(config) {
    config = config || {};
    var culture = config.culture || settings.culture;
    var frame = null;
    var pressedTimer = 0;
    var loads = 0;

    function payloadOf(name) {
      return {
        event: name.charAt(0).toUpperCase() + name.slice(1),
        paymentOrder: { id: settings.paymentOrderId }
      };
    }

    function fire(name, extra) {
      var payload = payloadOf(name);
      carried[name].forEach(function (key) {
        if (extra[key] !== undefined && extra[key] !== null) payload[key] = extra[key];
      });
      if (typeof config.onEventNotification === 'function') {
        var notice = payloadOf('onEventNotification');
        notice.sourceEvent = payload.event;
        config.onEventNotification(notice);
      }
      var handler = typeof config[name] === 'function' ? config[name] : defaults[name];
      if (handler) handler(payload);
    }

    function fail(details) {
      fire('onError', { details: details });
    }

    function frameUrl() {
      var url = new URL(settings.frameUrl);
      url.searchParams.set('parent', window.location.origin);
      url.searchParams.set('culture', culture);
      if (typeof config.onPaymentButtonPressed === 'function') url.searchParams.set('wait', 'true');
      loads += 1;
      url.searchParams.set('load', String(loads));
      return url.toString();
    }

    function command(what) {
      if (!frame) return;
      frame.contentWindow.postMessage({ source: 'payex-sandbox-page', command: what }, sandboxOrigin);
    }

    function onMessage(event) {
      if (!frame || event.source !== frame.contentWindow || event.origin !== sandboxOrigin) return;
      var message = event.data;
      if (!message || message.source !== 'payex-sandbox-frame') return;
      if (!Object.prototype.hasOwnProperty.call(carried, message.event)) return;
      if (typeof message.bodyHeight === 'number') {
        frame.style.height = message.bodyHeight + 'px';
      }
      if (message.event === 'onPaymentButtonPressed') {
        clearTimeout(pressedTimer);
        pressedTimer = setTimeout(function () { pressedTimer = 0; }, RESUME_WITHIN_MS);
      }
      fire(message.event, message);
    }

    return {
      open: function () {
        if (frame) return fail('open() was called twice; a view is opened once.');
        if (window.top !== window.self) return fail('The seamless view cannot run inside a frame.');
        if (settings.hosts.indexOf(window.location.origin) < 0) {
          return fail('The origin ' + window.location.origin + ' is not one of the order\'s hostUrls.');
        }
        var id = config.container && config.container.checkout;
        var container = id && document.getElementById(id);
        if (!container) return fail('container.checkout does not name an element of this page.');
        window.addEventListener('message', onMessage);
        frame = document.createElement('iframe');
        frame.title = 'Payment';
        frame.style.border = '0';
        frame.style.width = '100%';
        frame.style.height = '40rem';
        frame.style.display = 'block';
        frame.src = frameUrl();
        container.appendChild(frame);
      },
      close: function () {
        window.removeEventListener('message', onMessage);
        clearTimeout(pressedTimer);
        pressedTimer = 0;
        if (frame) frame.remove();
        frame = null;
      },
      refresh: function () {
        if (frame) frame.src = frameUrl();
      },
      update: function (change) {
        if (change && change.culture) culture = change.culture;
        if (frame) frame.src = frameUrl();
      },
      cancel: function () {
        command('cancel');
      },
      resume: function (answer) {
        if (!pressedTimer || !answer || answer.paymentOrderId !== settings.paymentOrderId) return;
        clearTimeout(pressedTimer);
        pressedTimer = 0;
        if (answer.confirmation === true) command('pay');
      }
    };
  }

  window.payex = window.payex || {};
  window.payex.hostedView = { checkout: checkout };
})("SETTINGS");
