// Inside the seamless view's frame: tells the page around it what happened, to its exact origin.
(function () {
  'use strict';
  var body = document.body;
  var parentOrigin = body.dataset.parent;
  var form = document.getElementById('pay');
  var cancelForm = document.getElementById('cancel');
  var terms = document.getElementById('terms');
  var confirmed = body.dataset.wait !== 'true';
  var touched = false;
  var height = 0;

  function tell(message) {
    message.source = 'payex-sandbox-frame';
    window.parent.postMessage(message, parentOrigin);
  }

  function measure() {
    return Math.ceil(body.getBoundingClientRect().height);
  }

  function submitOnce() {
    var button = form.querySelector('button');
    button.disabled = true;
    form.submit();
  }

  height = measure();
  tell({ event: 'onCheckoutLoaded', bodyHeight: height });
  JSON.parse(body.dataset.events).forEach(tell);

  if ('ResizeObserver' in window) {
    new ResizeObserver(function () {
      var now = measure();
      if (now !== height) {
        height = now;
        tell({ event: 'onCheckoutResized', bodyHeight: now });
      }
    }).observe(body);
  }

  if (form) {
    form.addEventListener('focusin', function () {
      if (!touched) {
        touched = true;
        tell({ event: 'onInstrumentSelected', instrument: 'creditcard' });
      }
    });
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      if (confirmed) {
        submitOnce();
      } else {
        tell({ event: 'onPaymentButtonPressed' });
      }
    });
  }

  if (terms) {
    terms.addEventListener('click', function (event) {
      event.preventDefault();
      tell({ event: 'onTermsOfServiceRequested', termsOfServiceUrl: terms.href });
    });
  }

  window.addEventListener('message', function (event) {
    if (event.source !== window.parent || event.origin !== parentOrigin) return;
    var message = event.data;
    if (!message || message.source !== 'payex-sandbox-page') return;
    if (message.command === 'pay' && form) {
      submitOnce();
    } else if (message.command === 'cancel' && cancelForm) {
      cancelForm.submit();
    }
  });
})();
