import { assetView } from './asset.js';
import { assetsView } from './assets.js';
import { conversationsView, conversationView } from './conversations.js';
import { el, link, refill, svg } from './dom.js';
import { findingsView } from './findings.js';
import { labelled, selectField } from './listing.js';
import { mapView } from './map.js';
import { Model } from './model.js';
import { overviewView } from './overview.js';
import { cut, moment, number, plural } from './text.js';
import { zonesView } from './zones.js';

/** @import { Analysis, View } from './types.ts' */

/** Draws the page and shows the part that the address asks for: `#view/id?search`. */

const DATA = document.getElementById('analysis');
/** @type {Analysis} */
const ANALYSIS = JSON.parse(DATA?.textContent ?? '{}');
const MODEL = new Model(ANALYSIS);

/** @type {Readonly<Record<string, (model: Model) => View>>} */
const MAKERS = {
  overview: overviewView,
  findings: findingsView,
  assets: assetsView,
  asset: assetView,
  conversations: conversationsView,
  conversation: conversationView,
  zones: zonesView,
  map: mapView,
};
const HOME = 'overview';
/** Details belong to the list from which they are opened. @type {Readonly<Record<string, string>>} */
const LIST_OF = { asset: 'assets', conversation: 'conversations' };
const TABS = [
  ['overview', 'Overview', ''],
  ['findings', 'Findings', number(MODEL.findings.length)],
  ['assets', 'Assets', number(MODEL.assets.length)],
  ['conversations', 'Conversations', number(MODEL.conversations.length)],
  ['zones', 'Zones', number(MODEL.zones.length)],
  ['map', 'Map', ''],
];

/** @type {Map<string, View>} */
const views = new Map();
const main = el('main', { id: 'main', tabindex: -1 });
const tabs = TABS.map(([key = '', title = '', count = '']) => ({
  key,
  element: link(`#${key}`, title, count && el('span', { class: 'tab-count' }, count)),
}));
let current = '';
/** Where a list was left: its address and how far it was scrolled. @type {Map<string, { hash: string, top: number, opened: string }>} */
const left = new Map();

document.body.append(
  el('a', { class: 'skip', href: '#main', click: skip }, 'Skip to the content'),
  pageHeader(),
  el(
    'nav',
    { class: 'tabs', 'aria-label': 'Parts of this report' },
    el(
      'ul',
      {},
      tabs.map(({ element }) => el('li', {}, element)),
    ),
  ),
  main,
  el(
    'footer',
    {},
    `Made by Keyway ${cut(ANALYSIS.keyway, 40)} from what was captured, without sending a packet. All times are UTC.`,
  ),
);
addEventListener('hashchange', (event) => navigate(new URL(event.oldURL).hash));
addEventListener('beforeprint', printAll);
addEventListener('afterprint', () => route(false));
history.scrollRestoration = 'manual';
route(false);

function pageHeader() {
  const { captures } = ANALYSIS;
  const files = captures.map(({ path }) => path.split(/[\\/]/).at(-1) ?? path);
  const [first = 'no capture'] = files;
  const title =
    files.length > 1
      ? `${cut(first, 60)} and ${plural(files.length - 1, 'more capture', 'more captures')}`
      : cut(first, 60);
  const times = captures
    .flatMap(({ firstSeen, lastSeen }) => [firstSeen, lastSeen])
    .filter((time) => time !== null)
    .toSorted();
  const [from, to] = [moment(times[0] ?? null), moment(times.at(-1) ?? null)];
  return el(
    'header',
    { class: 'page-head' },
    el('div', { class: 'brand' }, logo(), el('span', {}, 'Keyway')),
    el('div', { class: 'page-title' }, el('h1', {}, title), from && el('p', { class: 'sub' }, `${from} to ${to} UTC`)),
    el('div', { class: 'page-tools' }, themeField(), el('button', { type: 'button', click: () => print() }, 'Print')),
  );
}

/** A bore with its keyway. */
function logo() {
  return svg(
    'svg',
    { class: 'logo', viewBox: '0 0 24 24', width: 24, height: 24, 'aria-hidden': 'true' },
    svg('path', { d: 'M12 1a11 11 0 1 0 .001 0zM10 4.2h4v2.6a5.6 5.6 0 1 1-4 0z', 'fill-rule': 'evenodd' }),
  );
}

function themeField() {
  const select = selectField(
    [
      ['', 'As the system'],
      ['light', 'Light'],
      ['dark', 'Dark'],
    ],
    () => {
      setTheme(select.value);
      stored('keyway-theme', select.value);
    },
  );
  select.value = stored('keyway-theme') ?? '';
  setTheme(select.value);
  return labelled('Colours', select, 'choice inline');
}

/** @param {string} theme */
function setTheme(theme) {
  document.documentElement.dataset['theme'] = theme;
}

/**
 * What the browser remembers; some keep nothing for a page from a file.
 * @param {string} key
 * @param {string} [value]
 */
function stored(key, value) {
  try {
    if (value !== undefined) {
      localStorage.setItem(key, value);
    }
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  main.focus();
}

/** @param {string} from the address that is left */
function navigate(from) {
  if (current && !Object.hasOwn(LIST_OF, current)) {
    left.set(current, { hash: from, top: scrollY, opened: location.hash });
  }
  route(true);
}

/** @param {boolean} isMove somebody goes from one part to another */
function route(isMove) {
  const [path = '', search = ''] = decodeHash(location.hash).split('?');
  const [asked = '', id = ''] = path.split('/');
  const params = new URLSearchParams(search);
  const key = Object.hasOwn(MAKERS, asked) ? asked : HOME;
  const before = current;
  const view = viewOf(key);
  for (const [other, { element }] of views) {
    element.hidden = other !== key;
  }
  const isThere = view.show(id, params);
  current = key;
  if (!isThere) {
    showMissing(view, key);
  }
  const tab = LIST_OF[key] ?? key;
  for (const { key: one, element } of tabs) {
    if (one === tab) {
      element.setAttribute('aria-current', 'page');
    } else {
      element.removeAttribute('aria-current');
    }
  }
  const heading = view.element.querySelector('h2');
  document.title = `${cut(heading?.textContent ?? view.title, 80)} · Keyway report`;
  leadBack(view, key);
  if (isMove) {
    arrive(view, key, before, heading);
  }
}

/** The part of an address behind `#`, which somebody may have written by hand. @param {string} hash */
function decodeHash(hash) {
  return hash.replace(/^#/, '');
}

/** @param {string} key */
function viewOf(key) {
  let view = views.get(key);
  if (!view) {
    view = (MAKERS[key] ?? overviewView)(MODEL);
    views.set(key, view);
    main.append(view.element);
  }
  return view;
}

/**
 * @param {View} view
 * @param {string} key
 */
function showMissing(view, key) {
  const heading = view.element.querySelector('h2');
  if (heading) {
    refill(heading, 'Not in this report');
  }
  const list = LIST_OF[key] ?? HOME;
  refill(
    view.element.lastElementChild ?? view.element,
    el(
      'p',
      { class: 'empty' },
      'The link names something that this report does not have. ',
      link(`#${list}`, `Go to ${list}`),
    ),
  );
}

/**
 * The way back leads to the list as it was left.
 * @param {View} view
 * @param {string} key
 */
function leadBack(view, key) {
  const list = LIST_OF[key];
  const hash = list === undefined ? undefined : left.get(list)?.hash;
  if (hash?.startsWith('#')) {
    view.element.querySelector('.back a')?.setAttribute('href', hash);
  }
}

/**
 * Focus goes where the reader is: to the heading, or back to what was opened.
 * @param {View} view
 * @param {string} key
 * @param {string} before
 * @param {HTMLElement | null} heading
 */
function arrive(view, key, before, heading) {
  const place = left.get(key);
  if (place && LIST_OF[before] !== undefined && place.hash === location.hash) {
    scrollTo(0, place.top);
    const opened = [...view.element.querySelectorAll('a')].find((one) => one.getAttribute('href') === place.opened);
    (opened ?? heading)?.focus({ preventScroll: true });
    return;
  }
  scrollTo(0, 0);
  heading?.focus({ preventScroll: true });
}

/** A list prints with the others, whole; a detail prints alone. */
function printAll() {
  if (LIST_OF[current] !== undefined) {
    return;
  }
  for (const [key] of TABS) {
    const view = viewOf(key ?? HOME);
    if (key !== current) {
      view.show('', new URLSearchParams());
    }
    main.append(view.element);
    view.element.hidden = false;
    view.showAll?.();
  }
}
