// What lives here: the live list of events, which the shop's back office would receive as well.

import { getJson, logEntry, whileVisible } from './panel.js';

const SHOWN = 40;

/** Starts following; `onEvent` hears every event once, oldest first. */
export function followEvents({ list, empty, live, onEvent }) {
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
      list.prepend(eventEntry(event));
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

/** Marks the events of one payment, also those that came before the page knew its reference. */
export function markEvents(list, mcPayRef) {
  for (const entry of list.children) {
    const ours = mcPayRef !== undefined && entry.dataset.subject === mcPayRef;
    entry.classList.toggle('ours', ours);
    if (ours) entry.setAttribute('aria-current', 'true');
    else entry.removeAttribute('aria-current');
  }
}

function toneOf(type) {
  if (/failed|unknown|cancelled|expired/.test(type)) return 'bad';
  return /captured|authorized|activated|fulfilled/.test(type) ? 'good' : '';
}

function eventEntry(event) {
  const data = event.data || {};
  const entry = logEntry({
    title: event.type,
    note: data.amount ? `${data.currency} ${data.amount}` : '',
    time: event.time ? new Date(event.time).toLocaleTimeString('en-GB') : '',
    json: event,
    testid: `event-${event.type}`,
    tone: toneOf(event.type)
  });
  entry.setAttribute('data-subject', event.subject || '');
  return entry;
}
