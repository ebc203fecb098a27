import { copyable, el, facts, refill } from './dom.js';
import { Listing } from './listing.js';
import { labelOf } from './model.js';
import { assetChips, viewElement } from './parts.js';
import { badge, rank, SEVERITIES } from './terms.js';
import { capital, compareText, cut, moment, number, some } from './text.js';

/** @import { Body, Column, Finding, View } from './types.ts' */
/** @import { Model } from './model.js' */

/** @param {Model} model @returns {View} */
export function findingsView(model) {
  const { element } = viewElement('Findings');
  const { findings } = model;
  const kinds = kindsOf(findings);
  const listing = new Listing({
    rows: findings,
    noun: ['finding', 'findings'],
    columns: COLUMNS,
    sort: 'severity',
    filters: [
      {
        key: 'severity',
        label: 'Severity',
        options: SEVERITIES.map(
          (severity) =>
            /** @type {const} */ ([
              severity,
              `${capital(severity)} (${number(findings.filter((one) => one.severity === severity).length)})`,
            ]),
        ),
        fits: ({ severity }, value) => severity === value,
      },
      {
        key: 'kind',
        label: 'Kind',
        options: kinds
          .map(({ title, found }) => /** @type {const} */ ([title, `${cut(title, 48)} (${number(found.length)})`]))
          .toSorted(([, a], [, b]) => compareText(a, b)),
        fits: ({ title }, value) => title === value,
      },
    ],
    words: (finding) => findingWords(model, finding),
    searchHint: 'Title, asset, filter …',
    nothing: 'No finding: nothing in this traffic needs a person. It says nothing about traffic that was not captured.',
    route: 'findings',
    pageSize: 25,
    caption: 'Findings',
    body: findingsBody(model),
  });
  element.append(listing.element);
  return {
    element,
    title: 'Findings',
    show(_id, params) {
      listing.show(params);
      return true;
    },
    showAll: () => listing.showAll(),
  };
}

/** @type {readonly Column<Finding>[]} */
const COLUMNS = [
  {
    key: 'severity',
    title: 'Severity',
    order: ({ severity }) => rank(severity),
    orderNames: ['worst first', 'worst last'],
    cell: ({ severity }) => severity,
  },
  {
    key: 'time',
    title: 'Time',
    order: ({ firstSeen }) => firstSeen,
    orderNames: ['oldest first', 'newest first'],
    cell: ({ firstSeen }) => firstSeen,
  },
  { key: 'title', title: 'Title', order: ({ title }) => title, cell: ({ title }) => title },
];

/**
 * Findings of one title together, worst first.
 * @param {readonly Finding[]} findings worst first
 */
export function kindsOf(findings) {
  /** @type {Map<string, { title: string, found: Finding[] }>} */
  const kinds = new Map();
  for (const finding of findings) {
    const known = kinds.get(finding.title);
    if (known) {
      known.found.push(finding);
    } else {
      kinds.set(finding.title, { title: finding.title, found: [finding] });
    }
  }
  return [...kinds.values()];
}

/** @param {Model} model @returns {Body<Finding>} */
function findingsBody(model) {
  const element = el('div', { class: 'findings' });
  return {
    element,
    draw(findings) {
      refill(
        element,
        findings.map((finding) => findingCard(model, finding, 'h3')),
      );
    },
  };
}

const MOST_CHIPS = 8;
const MOST_FRAMES = 12;

/**
 * @param {Model} model
 * @param {Finding} finding
 * @param {'h3' | 'h4'} level
 */
export function findingCard(model, finding, level) {
  const { severity, title, explanation, assets, filter, frames, firstSeen, lastSeen, count, code } = finding;
  const involved = assets.map((id) => model.asset(id));
  return el(
    'article',
    { class: `finding ${severity}` },
    el('div', { class: 'finding-head' }, badge(severity), el(level, {}, title), el('span', { class: 'sub' }, code)),
    el(
      'div',
      { class: 'finding-body' },
      el('p', {}, explanation),
      facts([
        ['Assets', involved.length > 0 && assetChips(involved, MOST_CHIPS)],
        ['Wireshark filter', filter && copyable(filter)],
        ['Frames', frames.length > 0 && some(frames.map(String), MOST_FRAMES)],
        ['Seen (UTC)', seen(firstSeen, lastSeen)],
        ['Times', count > 1 && number(count)],
      ]),
    ),
  );
}

/**
 * @param {string | null} first
 * @param {string | null} last
 */
function seen(first, last) {
  const [from, to] = [moment(first), moment(last)];
  return from === null || to === null || from === to ? from : `${from} to ${to}`;
}

/**
 * @param {Model} model
 * @param {Finding} finding
 */
function findingWords(model, { title, explanation, code, filter, assets }) {
  const names = assets
    .map((id) => model.asset(id))
    .filter((asset) => asset !== undefined)
    .map(labelOf);
  return [title, explanation, code, filter, ...names].join('\n');
}
