// What lives here: the live list of events, which the shop's back office would receive as well.

import { element, getJson, logEntry, whileVisible } from './panel.js';

const SHOWN = 40;

/** Starts following; `onEvent` hears every event once, oldest first. */
export function followEvents({ list, empty, live, isOurs, onEvent }) {
  let cursor;
  whileVisible(1000, async () => {
    let page;
    try {
      page = await getJson('/demo/events' + (cursor === undefined ? '' : `?after=${encodeURIComponent(cursor)}`));
    } catch (error) {
      setLive(live, false);
      throw error;
    }
    setLive(live, true);
    cursor = page.next ?? cursor;
    for (const event of page.events) {
      list.prepend(eventEntry(event, isOurs(event)));
      onEvent(event);
    }
    while (list.children.length > SHOWN) list.lastElementChild.remove();
    empty.hidden = list.children.length > 0;
  });
}

function setLive(live, isLive) {
  live.textContent = isLive ? 'live' : 'not connected';
  live.classList.toggle('on', isLive);
}

function eventEntry(event, ours) {
  const data = event.data || {};
  const tone = /failed|unknown|cancelled|expired/.test(event.type) ? 'bad' : /captured|authorized|activated|fulfilled/.test(event.type) ? 'good' : '';
  const entry = logEntry({
    title: event.type,
    note: data.amount ? `${data.currency} ${data.amount}` : '',
    time: event.time ? new Date(event.time).toLocaleTimeString('en-GB') : '',
    json: event,
    testid: `event-${event.type}`,
    tone
  });
  entry.setAttribute('data-subject', event.subject || '');
  if (ours) {
    entry.classList.add('ours');
    entry.querySelector('summary').append(element('span', { class: 'visually-hidden' }, ' of this payment'));
  }
  return entry;
}
