import { el, link } from './dom.js';
import { kindsOf } from './findings.js';
import { plainTable } from './listing.js';
import { protocolOf } from './model.js';
import { choices, section, viewElement } from './parts.js';
import {
  badge,
  CHANGING,
  EFFECT_ORDER,
  effectMeans,
  levelName,
  mark,
  roleName,
  SEVERITIES,
  SEVERITY_MEANS,
} from './terms.js';
import { capital, compareText, cut, duration, moment, number, plural, secondsBetween, size, words } from './text.js';

/** @import { Analysis, Column, View } from './types.ts' */
/** @import { Model } from './model.js' */

/** @param {Model} model @returns {View} */
export function overviewView(model) {
  const { element } = viewElement('Overview', 'overview');
  element.append(
    el('p', { class: 'lead' }, headline(model)),
    attentionSection(model),
    el(
      'div',
      { class: 'columns' },
      el('div', {}, levelsSection(model), cannotShowSection(model), missingSection(model)),
      el('div', {}, effectsSection(model), protocolsSection(model)),
    ),
    capturesSection(model.analysis),
  );
  return { element, title: 'Overview', show: () => true };
}

/** @param {Model} model */
function headline({ analysis, assets, conversations, zones }) {
  const { captures, counters } = analysis;
  const bytes = captures.reduce((sum, capture) => sum + capture.bytes, 0);
  return (
    `${plural(counters.packets, 'packet', 'packets')} (${size(bytes)}) in ${plural(captures.length, 'capture', 'captures')}: ` +
    `${plural(assets.length, 'asset', 'assets')}, ${plural(conversations.length, 'conversation', 'conversations')}, ` +
    `${plural(zones.length, 'proposed zone', 'proposed zones')}.`
  );
}

const MOST_KINDS = 12;

/** @param {Model} model */
function attentionSection({ findings }) {
  const tiles = SEVERITIES.map((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    const label = [
      el('span', { class: 'tile-number' }, number(count)),
      el('span', { class: 'tile-name' }, mark(severity), capital(severity)),
      el('span', { class: 'sub' }, SEVERITY_MEANS[severity]),
    ];
    return el(
      'li',
      { class: `tile ${count > 0 ? severity : 'zero'}` },
      count > 0 ? link(`#findings?severity=${severity}`, ...label) : el('div', {}, label),
    );
  });
  const kinds = kindsOf(findings);
  return section(
    'overview-attention',
    'What needs a person',
    el('ul', { class: 'tiles' }, tiles),
    kinds.length === 0
      ? el(
          'p',
          { class: 'empty' },
          'No finding: nothing in this traffic needs a person. It says nothing about traffic that was not captured.',
        )
      : el(
          'ul',
          { class: 'kinds' },
          kinds
            .slice(0, MOST_KINDS)
            .map(
              ({ title, found: [first, ...others] }) =>
                first &&
                el(
                  'li',
                  {},
                  badge(first.severity),
                  el(
                    'span',
                    {},
                    link(`#findings?kind=${encodeURIComponent(title)}`, title),
                    others.length > 0 && el('span', { class: 'kind-count' }, `${number(others.length + 1)} findings`),
                  ),
                ),
            ),
        ),
    kinds.length > MOST_KINDS && el('p', {}, link('#findings', `All ${number(findings.length)} findings`)),
  );
}

/** @param {Model} model */
function levelsSection({ assets }) {
  const levels = [...new Set(assets.map(({ purdueLevel }) => purdueLevel))].toSorted((a, b) => (b ?? -1) - (a ?? -1));
  const most = Math.max(1, ...levels.map((level) => assets.filter(({ purdueLevel }) => purdueLevel === level).length));
  return section(
    'overview-levels',
    'Assets by Purdue level',
    assets.length === 0
      ? el('p', { class: 'empty' }, 'No device was seen sending.')
      : el(
          'ul',
          { class: 'levels' },
          levels.map((level) =>
            levelItem(
              assets.filter(({ purdueLevel }) => purdueLevel === level),
              level,
              most,
            ),
          ),
        ),
  );
}

/**
 * @param {Analysis['assets']} inside
 * @param {number | null} level
 * @param {number} most assets of one level
 */
function levelItem(inside, level, most) {
  const key = level === null ? 'none' : String(level);
  const bar = el('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.width = `${(inside.length / most) * 100}%`;
  const roles = choices(
    inside.map(({ role }) => role),
    roleName,
  ).toSorted(([, a], [, b]) => compareText(a, b));
  return el(
    'li',
    {},
    el(
      'span',
      { class: 'level-head' },
      link(`#assets?level=${key}`, levelName(level)),
      el('span', { class: 'figure' }, number(inside.length)),
    ),
    el('span', { class: 'track' }, bar),
    el(
      'span',
      { class: 'sub' },
      roles.flatMap(([role, label], at) => [at > 0 && ', ', link(`#assets?level=${key}&role=${role}`, label)]),
    ),
  );
}

/** @param {Model} model */
function effectsSection({ conversations }) {
  const rows = EFFECT_ORDER.map((effect) => {
    const own = conversations.flatMap((one) =>
      one.operations.filter((operation) => operation.effect === effect).map((operation) => ({ one, operation })),
    );
    return {
      effect,
      conversations: new Set(own.map(({ one }) => one)).size,
      times: own.reduce((sum, { operation }) => sum + operation.count, 0),
      errors: own.reduce((sum, { operation }) => sum + operation.errors, 0),
    };
  }).filter(({ conversations: count }) => count > 0);
  /** @type {readonly Column<typeof rows[number]>[]} */
  const columns = [
    {
      key: 'effect',
      title: 'Effect',
      cell: ({ effect }) => [
        link(`#conversations?effect=${effect}`, CHANGING.has(effect) ? el('strong', {}, effect) : effect),
        el('span', { class: 'sub' }, effectMeans(effect)),
      ],
      isName: true,
    },
    { key: 'times', title: 'Times', cell: ({ times }) => number(times), isNumber: true },
    { key: 'errors', title: 'Refused', cell: ({ errors }) => number(errors), isNumber: true },
    { key: 'conversations', title: 'Conversations', cell: ({ conversations: count }) => number(count), isNumber: true },
  ];
  return section(
    'overview-effects',
    'What is done',
    rows.length > 0
      ? plainTable('Operations by what they can do to the process, gravest first', columns, rows)
      : el('p', { class: 'empty' }, 'No operation was read in this traffic.'),
  );
}

const MOST_PROTOCOLS = 12;

/** @param {Model} model */
function protocolsSection({ conversations }) {
  /** @type {Map<string, { protocol: string, conversations: number, packets: number, bytes: number }>} */
  const totals = new Map();
  for (const conversation of conversations) {
    const protocol = protocolOf(conversation);
    const total = totals.get(protocol) ?? { protocol, conversations: 0, packets: 0, bytes: 0 };
    total.conversations++;
    total.packets += conversation.packets;
    total.bytes += conversation.bytes;
    totals.set(protocol, total);
  }
  const rows = [...totals.values()].toSorted((a, b) => b.packets - a.packets);
  /** @type {readonly Column<typeof rows[number]>[]} */
  const columns = [
    {
      key: 'protocol',
      title: 'Protocol',
      cell: ({ protocol }) => link(`#conversations?protocol=${encodeURIComponent(protocol)}`, protocol),
      isName: true,
    },
    { key: 'conversations', title: 'Conversations', cell: ({ conversations: count }) => number(count), isNumber: true },
    { key: 'packets', title: 'Packets', cell: ({ packets }) => number(packets), isNumber: true },
    { key: 'bytes', title: 'Size', cell: ({ bytes }) => size(bytes), isNumber: true },
  ];
  return section(
    'overview-protocols',
    `Protocols (${number(rows.length)})`,
    rows.length > 0
      ? plainTable(
          rows.length > MOST_PROTOCOLS ? `The ${MOST_PROTOCOLS} busiest protocols` : 'Protocols, busiest first',
          columns,
          rows.slice(0, MOST_PROTOCOLS),
        )
      : el('p', { class: 'empty' }, 'No conversation was seen.'),
    rows.length > MOST_PROTOCOLS &&
      el('p', {}, link('#conversations?sort=protocol', `All ${number(rows.length)} protocols`)),
  );
}

/** @param {Model} model */
function cannotShowSection(model) {
  return section(
    'overview-cannot',
    'What this capture cannot show',
    el(
      'ul',
      { class: 'reasons' },
      lacks(model).map((lack) => el('li', {}, lack)),
    ),
  );
}

const DAY = 86_400;

/** @param {Model} model @returns {(string | readonly (string | Node)[])[]} */
function lacks({ analysis, assets, conversations, findings }) {
  const { captures, counters, limits } = analysis;
  const covered = captures.reduce((sum, { firstSeen, lastSeen }) => sum + secondsBetween(firstSeen, lastSeen), 0);
  const nameless = assets.filter(({ role }) => role === 'unknown').length;
  const unread = conversations.filter(({ protocol }) => protocol === null).length;
  const doubtful = assets.filter((asset) => asset.doubtful).length;
  /** @type {(count: number, one: string, many: string) => string[]} */
  const counted = (count, one, many) => (count > 0 ? [plural(count, one, many)] : []);
  return [
    'Devices that sent nothing while it was recorded, and traffic that does not pass the point where it was recorded.',
    ...(covered < DAY
      ? [
          `What happens more rarely than in the ${duration(covered)} that it covers: shift changes, back-ups, maintenance.`,
        ]
      : []),
    ...findings
      .filter(({ code }) => code.startsWith('coverage.'))
      .map(({ title, count }) => [
        link(`#findings?kind=${encodeURIComponent(title)}`, title),
        ` (${plural(count, 'conversation', 'conversations')})`,
      ]),
    ...counted(
      nameless,
      'asset told nothing about what kind of machine it is.',
      'assets told nothing about what kind of machine they are.',
    ),
    ...counted(
      unread,
      'conversation is in a protocol that was not recognised.',
      'conversations are in protocols that were not recognised.',
    ),
    ...counted(
      doubtful,
      'asset came in a flood of new senders and may not exist.',
      'assets came in a flood of new senders and may not exist.',
    ),
    ...captures.flatMap(({ path, damage }) =>
      damage === null
        ? []
        : [`${path} is damaged at byte ${number(damage.offset)}: ${damage.reason}. What came before was kept.`],
    ),
    ...captures.flatMap(({ path, lost }) =>
      lost > 0 ? [`${path}: the capturing program lost ${plural(lost, 'packet', 'packets')}.`] : [],
    ),
    ...(analysis.partial ? ['What comes later in the captures: the analysis was stopped before they ended.'] : []),
    ...(analysis.filter === null ? [] : [filterText(analysis.filter)]),
    ...counted(
      counters.filtered - (analysis.filter?.leftOut ?? 0),
      'packet was passed over, because its kind of link is not read.',
      'packets were passed over, because their kind of link is not read.',
    ),
    ...counted(
      counters.dropped,
      'packet was left out, because a limit was reached.',
      'packets were left out, because a limit was reached.',
    ),
    ...limits
      .filter(({ everyday }) => !everyday)
      .map(
        ({ limit, reached }) =>
          `The limit “${words(limit)}” was reached ${plural(reached, 'time', 'times')}: what came after is not here.`,
      ),
  ];
}

/** @param {NonNullable<Analysis['filter']>} filter */
function filterText({ since, until, only, leftOut }) {
  const parts = [
    since === null ? '' : `before ${moment(since)}`,
    until === null ? '' : `from ${moment(until)} on`,
    only.length === 0 ? '' : `other than ${only.join(', ')}`,
  ].filter((part) => part !== '');
  return `What is ${parts.join(' or ')}: the report was made for a part only, and ${plural(leftOut, 'packet was', 'packets were')} left out.`;
}

/** @param {Analysis} analysis */
function capturesSection({ captures, counters }) {
  /** @type {readonly Column<Analysis['captures'][number]>[]} */
  const columns = [
    { key: 'path', title: 'File', cell: ({ path }) => cut(path.split(/[\\/]/).at(-1) ?? path, 80), isName: true },
    { key: 'first', title: 'First packet (UTC)', cell: ({ firstSeen }) => moment(firstSeen) },
    { key: 'last', title: 'Last packet (UTC)', cell: ({ lastSeen }) => moment(lastSeen) },
    {
      key: 'duration',
      title: 'Covers',
      cell: ({ firstSeen, lastSeen }) => (firstSeen === null ? null : duration(secondsBetween(firstSeen, lastSeen))),
      isNumber: true,
    },
    { key: 'packets', title: 'Packets', cell: ({ packets }) => number(packets), isNumber: true },
    { key: 'bytes', title: 'Size', cell: ({ bytes }) => size(bytes), isNumber: true },
    { key: 'lost', title: 'Lost', cell: ({ lost }) => number(lost), isNumber: true },
    {
      key: 'damage',
      title: 'Damage',
      cell: ({ damage }) => (damage === null ? 'none' : `at byte ${number(damage.offset)}: ${damage.reason}`),
    },
  ];
  return section(
    'overview-captures',
    'Captures and packets',
    plainTable('The files that this report was made from', columns, captures),
    plainTable(
      'What became of the packets: packets = decoded + passed over (kind of link not read, or left out by the filter of the report) + dropped (a limit was reached). ' +
        'Truncated, malformed and recorded twice are marks on packets already counted',
      COUNTER_COLUMNS,
      [counters],
    ),
  );
}

/** @type {readonly Column<Analysis['counters']>[]} */
const COUNTER_COLUMNS = [
  { key: 'packets', title: 'Packets', cell: ({ packets }) => number(packets), isNumber: true },
  { key: 'decoded', title: 'Decoded', cell: ({ decoded }) => number(decoded), isNumber: true },
  { key: 'filtered', title: 'Passed over', cell: ({ filtered }) => number(filtered), isNumber: true },
  { key: 'dropped', title: 'Dropped', cell: ({ dropped }) => number(dropped), isNumber: true },
  { key: 'truncated', title: 'Truncated', cell: ({ truncated }) => number(truncated), isNumber: true },
  { key: 'malformed', title: 'Malformed', cell: ({ malformed }) => number(malformed), isNumber: true },
  { key: 'duplicates', title: 'Recorded twice', cell: ({ duplicates }) => number(duplicates), isNumber: true },
];

/** @param {Model} model */
function missingSection({ assets }) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const what of assets.flatMap((asset) => asset.completeness.missing)) {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const rows = [...counts].map(([what, count]) => ({ what, count })).toSorted((a, b) => b.count - a.count);
  /** @type {readonly Column<typeof rows[number]>[]} */
  const columns = [
    { key: 'what', title: 'Attribute', cell: ({ what }) => capital(what), isName: true },
    { key: 'count', title: 'Missing at', cell: ({ count }) => plural(count, 'asset', 'assets'), isNumber: true },
  ];
  return section(
    'overview-missing',
    'What the inventory still lacks',
    rows.length > 0
      ? plainTable('What an inventory asks for and traffic did not tell', columns, rows)
      : el('p', { class: 'empty' }, 'Nothing is missing.'),
  );
}
