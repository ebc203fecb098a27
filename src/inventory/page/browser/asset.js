import { conversationListing } from './conversations.js';
import { code, copyable, el, facts, link, name, refill } from './dom.js';
import { findingCard } from './findings.js';
import { Listing, plainTable } from './listing.js';
import { addressOf, endFilter, labelOf } from './model.js';
import { assetLink, section, viewElement } from './parts.js';
import { levelName, roleName } from './terms.js';
import { capital, moment, number, percent, plural } from './text.js';

/** @import { Asset, Column, Evidence, View } from './types.ts' */
/** @import { Model } from './model.js' */

/** @param {Model} model @returns {View} */
export function assetView(model) {
  const { heading, element } = viewElement('Asset');
  const content = el('div', {});
  element.append(content);
  return {
    element,
    title: 'Asset',
    show(id) {
      const asset = model.asset(id);
      if (!asset) {
        return false;
      }
      refill(heading, name(labelOf(asset)));
      refill(content, assetDetail(model, asset));
      return true;
    },
  };
}

/**
 * @param {Model} model
 * @param {Asset} asset
 */
function assetDetail(model, asset) {
  const found = model.findingsOf(asset.id);
  return [
    el('p', { class: 'back' }, link('#assets', 'All assets')),
    asset.doubtful &&
      el('p', { class: 'note' }, 'It came in a flood of new senders and answered nobody: it may not exist.'),
    el('div', { class: 'columns' }, identitySection(model, asset), interfacesSection(asset)),
    found.length > 0 &&
      section(
        'asset-findings',
        `Findings (${number(found.length)})`,
        ...found.slice(0, MOST_FINDINGS).map((finding) => findingCard(model, finding, 'h4')),
        found.length > MOST_FINDINGS &&
          el(
            'p',
            {},
            link(`#findings?q=${encodeURIComponent(labelOf(asset))}`, `All ${number(found.length)} findings`),
          ),
      ),
    talkSection(model, asset),
    evidenceSection(asset),
    modulesSection(asset),
    childrenSection(model, asset),
    missingSection(asset),
  ];
}

const MOST_FINDINGS = 10;

/**
 * @param {Model} model
 * @param {Asset} asset
 */
function identitySection(model, asset) {
  const zone = model.zoneByAsset.get(asset.id);
  const parent = model.asset(asset.parent);
  const filter = endFilter(addressOf(asset));
  return section(
    'asset-identity',
    'Identity',
    facts([
      [
        'Role',
        [roleName(asset.role), asset.roleReason && el('span', { class: 'sub' }, `because: ${asset.roleReason}`)],
      ],
      ['Level', levelName(asset.purdueLevel)],
      ['Zone', zone && link(`#zones?q=${encodeURIComponent(zone.name)}`, zone.name)],
      ['Maker', asset.vendor],
      ['Product', asset.product],
      ['Order number', asset.orderNumber],
      ['Firmware', asset.firmware],
      ['Hardware', asset.hardware],
      ['Serial number', asset.serial],
      ['Operating system', asset.os],
      ['Part of', parent && assetLink(parent)],
      ['Known there as', asset.behind && name(asset.behind)],
      ['First seen (UTC)', moment(asset.firstSeen)],
      ['Last seen (UTC)', moment(asset.lastSeen)],
      ['Wireshark filter', filter && copyable(filter)],
    ]),
  );
}

/** @param {Asset} asset */
function interfacesSection({ interfaces, services }) {
  return section(
    'asset-interfaces',
    'Interfaces and services',
    interfaces.length > 0
      ? plainTable(
          'Network interfaces',
          [
            { key: 'mac', title: 'MAC address', cell: ({ mac }) => mac && code(mac), isName: true },
            { key: 'maker', title: 'Made by', cell: ({ vendor }) => vendor },
            {
              key: 'addresses',
              title: 'Addresses',
              cell: ({ addresses }) => addresses.map((address) => el('span', { class: 'line address' }, address)),
            },
            { key: 'vlan', title: 'VLAN', cell: ({ vlan }) => vlan, isNumber: true },
          ],
          interfaces,
        )
      : el('p', { class: 'empty' }, 'It has no address of its own: another device speaks for it.'),
    services.length > 0
      ? plainTable(
          'Services: ports at which it answered',
          [
            { key: 'protocol', title: 'Protocol', cell: ({ protocol }) => protocol ?? 'not recognised', isName: true },
            { key: 'port', title: 'Port', cell: ({ transport, port }) => `${transport} ${port}` },
          ],
          services,
        )
      : el('p', { class: 'empty' }, 'It was not seen answering at any port.'),
  );
}

/**
 * @param {Model} model
 * @param {Asset} asset
 */
function talkSection(model, asset) {
  const listing = conversationListing(model, model.conversationsOf(asset.id), {
    pageSize: 15,
    caption: `Conversations of ${labelOf(asset)}`,
  });
  listing.show(new URLSearchParams());
  return section(
    'asset-talk',
    `Talks to ${plural(model.peersOf(asset.id).size, 'other asset', 'other assets')}`,
    listing.element,
  );
}

/** @type {readonly Column<Evidence>[]} */
const EVIDENCE_COLUMNS = [
  {
    key: 'attribute',
    title: 'What',
    order: ({ attribute }) => attribute,
    cell: ({ attribute }) => capital(spaced(attribute)),
    isName: true,
  },
  {
    key: 'value',
    title: 'Value',
    order: ({ value }) => value,
    cell: ({ attribute, value }) => name(attribute === 'role' ? roleName(value) : value),
  },
  {
    key: 'protocol',
    title: 'Told by',
    order: ({ protocol }) => protocol,
    cell: ({ protocol, reason }) => [protocol, reason !== undefined && el('span', { class: 'sub' }, reason)],
  },
  {
    key: 'frame',
    title: 'Frame',
    order: ({ frame }) => frame,
    cell: ({ frame }) => (frame > 0 ? String(frame) : null),
    isNumber: true,
  },
  { key: 'time', title: 'Time (UTC)', order: ({ time }) => time, cell: ({ time }) => moment(time) },
  { key: 'count', title: 'Times', order: ({ count }) => count, cell: ({ count }) => number(count), isNumber: true },
  {
    key: 'confidence',
    title: 'Confidence',
    order: ({ confidence }) => confidence,
    cell: ({ confidence }) => percent(confidence),
    isNumber: true,
    isLargestFirst: true,
  },
];

/** @param {string} key */
function spaced(key) {
  return key === 'os' ? 'operating system' : key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** @param {Asset} asset */
function evidenceSection({ evidence }) {
  const listing = new Listing({
    rows: evidence,
    noun: ['piece of evidence', 'pieces of evidence'],
    columns: EVIDENCE_COLUMNS,
    sort: 'attribute',
    filters: [],
    nothing: 'Nothing told who it is: only its addresses are known.',
    pageSize: 25,
    caption: 'Evidence: who says what about it, and how far it is believed',
  });
  listing.show(new URLSearchParams());
  return section('asset-evidence', 'How we know', listing.element);
}

/** @param {Asset} asset */
function modulesSection({ modules }) {
  if (modules.length === 0) {
    return null;
  }
  return section(
    'asset-modules',
    `Modules (${number(modules.length)})`,
    plainTable(
      'Modules by slot',
      [
        { key: 'slot', title: 'Slot', cell: ({ slot }) => slot, isName: true, isNumber: true },
        {
          key: 'product',
          title: 'Product',
          cell: ({ vendor, product, name: called }) => [
            [vendor, product].filter(Boolean).join(' '),
            called && el('span', { class: 'sub' }, called),
          ],
        },
        { key: 'order', title: 'Order number', cell: ({ orderNumber }) => orderNumber },
        { key: 'firmware', title: 'Firmware', cell: ({ firmware }) => firmware },
        { key: 'hardware', title: 'Hardware', cell: ({ hardware }) => hardware },
        { key: 'serial', title: 'Serial number', cell: ({ serial }) => serial },
      ],
      modules,
    ),
  );
}

/**
 * @param {Model} model
 * @param {Asset} asset
 */
function childrenSection(model, { id }) {
  const children = model.assets.filter(({ parent }) => parent === id);
  if (children.length === 0) {
    return null;
  }
  return section(
    'asset-children',
    `Devices that it speaks for (${number(children.length)})`,
    el(
      'ul',
      { class: 'chips' },
      children.map((child) => el('li', {}, assetLink(child), el('span', { class: 'sub' }, roleName(child.role)))),
    ),
  );
}

/** @param {Asset} asset */
function missingSection({ completeness: { overall, missing } }) {
  return section(
    'asset-missing',
    'What is missing',
    el(
      'p',
      {},
      missing.length === 0
        ? 'Everything an inventory asks for is known.'
        : `${percent(overall)} of what an inventory asks for is known. Missing: ${missing.join(', ')}.`,
    ),
  );
}
