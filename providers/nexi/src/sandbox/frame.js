// Inside the checkout's frame: tells the page around it what happened, to its exact origin, and
// does what that page's script commands.
(function () {
  'use strict';
  var body = document.body;
  var parentOrigin = body.dataset.parent;
  var form = document.getElementById('pay');
  var alarm = document.getElementById('alarm');
  var height = 0;

  function tell(message) {
    message.source = 'nexi-sandbox-frame';
    window.parent.postMessage(message, parentOrigin);
  }

  function resize() {
    var now = Math.ceil(body.getBoundingClientRect().height);
    if (now !== height) {
      height = now;
      tell({ event: 'height', height: now });
    }
  }

  function freeze(isFrozen) {
    Array.prototype.forEach.call(document.querySelectorAll('input, button'), function (part) {
      part.disabled = isFrozen;
    });
  }

  function complain(text) {
    if (!alarm) return;
    alarm.textContent = text;
    alarm.hidden = false;
  }

  // Set by script, which the policy allows; a style attribute in the page it would not.
  function dress(theme) {
    var properties = {
      primaryColor: ['--brand', '--brand-dark'],
      textColor: ['--ink'],
      backgroundColor: ['--paper'],
      outlineColor: ['--field-line']
    };
    Object.keys(properties).forEach(function (key) {
      if (typeof theme[key] !== 'string') return;
      properties[key].forEach(function (name) {
        document.documentElement.style.setProperty(name, theme[key]);
      });
    });
    if (typeof theme.fontFamily === 'string') body.style.fontFamily = theme.fontFamily;
    var button = form && form.querySelector('button');
    if (!button) return;
    if (typeof theme.buttonRadius === 'string') button.style.borderRadius = theme.buttonRadius;
    if (typeof theme.buttonTextColor === 'string') button.style.color = theme.buttonTextColor;
    if (typeof theme.buttonFontWeight === 'string') {
      button.style.fontWeight = theme.buttonFontWeight;
    }
  }

  var commands = {
    pay: function () {
      if (!form) return;
      // A disabled field would not be sent.
      freeze(false);
      form.submit();
      form.querySelector('button').disabled = true;
    },
    refuse: function () {
      freeze(false);
      complain('The shop stopped the payment. You can try again.');
    },
    freeze: function () { freeze(true); },
    theme: function (message) { if (message.theme) dress(message.theme); }
  };

  window.addEventListener('message', function (event) {
    if (event.source !== window.parent || event.origin !== parentOrigin) return;
    var message = event.data;
    if (!message || message.source !== 'nexi-sandbox-page') return;
    if (!Object.prototype.hasOwnProperty.call(commands, message.command)) return;
    commands[message.command](message);
  });

  if (form) {
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      freeze(true);
      tell({ event: 'pay-initialized' });
    });
  }

  tell({ event: 'ready' });
  resize();
  JSON.parse(body.dataset.tells).forEach(tell);
  if ('ResizeObserver' in window) new ResizeObserver(resize).observe(body);
})();
