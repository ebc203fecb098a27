import { el } from './dom.js';
import { Listing } from './listing.js';
import { addressesOf, labelOf } from './model.js';
import { assetLink, choices, findingsCell, viewElement } from './parts.js';
import { levelName, makeOf, rank, roleName } from './terms.js';
import { compareText, cut, number } from './text.js';

/** @import { Asset, Column, Filter, View } from './types.ts' */
/** @import { Model } from './model.js' */

const NONE = 'none';

/** @param {Model} model @returns {View} */
export function assetsView(model) {
  const { element } = viewElement('Assets');
  const listing = new Listing({
    rows: model.assets,
    noun: ['asset', 'assets'],
    columns: assetColumns(model),
    sort: 'findings',
    filters: assetFilters(model),
    words: (asset) => assetWords(model, asset),
    searchHint: 'Name, address, maker, serial …',
    nothing: 'No device was seen sending. Capture at a mirror port or a tap that sees the traffic of the plant.',
    route: 'assets',
    pageSize: 50,
    caption: 'Assets: every device that was seen sending',
    href: ({ id }) => `#asset/${id}`,
  });
  element.append(listing.element);
  return {
    element,
    title: 'Assets',
    show(_id, params) {
      listing.show(params);
      return true;
    },
    showAll: () => listing.showAll(),
  };
}

/** @param {Model} model @returns {Column<Asset>[]} */
function assetColumns(model) {
  return [
    { key: 'name', title: 'Asset', order: labelOf, cell: assetLink, isName: true },
    {
      key: 'role',
      title: 'Role',
      order: ({ role }) => roleName(role),
      cell: ({ role }) => el('span', { class: 'words' }, roleName(role)),
    },
    {
      key: 'level',
      title: 'Level',
      order: ({ purdueLevel }) => purdueLevel,
      cell: ({ purdueLevel }) => purdueLevel,
      isNumber: true,
    },
    {
      key: 'make',
      title: 'Maker and product',
      order: (asset) => makeOf(asset) || null,
      cell: (asset) => makeCell(asset),
    },
    {
      key: 'firmware',
      title: 'Firmware',
      order: ({ firmware }) => firmware,
      cell: ({ firmware, os }) => cutOrNull(firmware ?? os),
    },
    { key: 'address', title: 'Address', order: (asset) => addressesOf(asset)[0] ?? null, cell: addressCell },
    {
      key: 'zone',
      title: 'Zone',
      order: ({ id }) => model.zoneByAsset.get(id)?.name ?? null,
      cell: ({ id }) => model.zoneByAsset.get(id)?.name,
    },
    {
      key: 'peers',
      title: 'Talks to',
      order: ({ id }) => model.peersOf(id).size,
      cell: ({ id }) => number(model.peersOf(id).size),
      isNumber: true,
      isLargestFirst: true,
    },
    {
      key: 'findings',
      title: 'Findings',
      orderNames: ['worst first', 'worst last'],
      order: ({ id }) => rank(model.worstOf(id)) * 10_000 - Math.min(9999, model.findingsOf(id).length),
      cell: ({ id }) => findingsCell(model.findingsOf(id)),
    },
  ];
}

/** @param {string | null} text */
function cutOrNull(text) {
  return text === null ? null : cut(text, 40);
}

/** @param {Asset} asset */
function makeCell(asset) {
  const maker = asset.interfaces.find(({ vendor }) => vendor !== null)?.vendor;
  if (makeOf(asset)) {
    return cut(makeOf(asset), 80);
  }
  return maker ? [el('span', { class: 'sub' }, `network interface: ${cut(maker, 60)}`)] : null;
}

/** @param {Asset} asset */
function addressCell(asset) {
  const macs = asset.interfaces.map(({ mac }) => mac).filter((mac) => mac !== null);
  const addresses = addressesOf(asset);
  const [first, ...others] = addresses.length > 0 ? addresses : macs;
  const vlan = asset.interfaces.find((one) => one.vlan !== null)?.vlan;
  return [
    first && el('span', { class: 'line address' }, first),
    others.length > 0 && el('span', { class: 'sub' }, `and ${number(others.length)} more`),
    vlan !== undefined && el('span', { class: 'sub' }, `VLAN ${vlan}`),
  ];
}

/** @param {Model} model @returns {Filter<Asset>[]} */
function assetFilters(model) {
  const { assets, zones } = model;
  /** @type {(asset: Asset) => string} */
  const levelOf = ({ purdueLevel }) => (purdueLevel === null ? NONE : String(purdueLevel));
  /** @type {(asset: Asset) => string} */
  const vendorOf = ({ vendor }) => vendor ?? '';
  const vendors = choices(assets.map(vendorOf).filter(Boolean), (vendor) => vendor);
  return [
    {
      key: 'role',
      label: 'Role',
      options: choices(
        assets.map(({ role }) => role),
        roleName,
      ).toSorted(([, a], [, b]) => compareText(a, b)),
      fits: ({ role }, value) => role === value,
    },
    {
      key: 'level',
      label: 'Level',
      options: choices(assets.map(levelOf), levelName).toSorted(([a], [b]) => compareText(b, a)),
      fits: (asset, value) => levelOf(asset) === value,
    },
    {
      key: 'vendor',
      label: 'Maker',
      options: vendors.toSorted(([a], [b]) => compareText(a, b)),
      fits: (asset, value) => vendorOf(asset) === value,
    },
    {
      key: 'zone',
      label: 'Zone',
      options: zones
        .map(
          ({ id, name, assets: inside }) => /** @type {const} */ ([id, `${cut(name, 48)} (${number(inside.length)})`]),
        )
        .toSorted(([, a], [, b]) => compareText(a, b)),
      fits: ({ id }, value) => model.zoneByAsset.get(id)?.id === value,
    },
  ];
}

/**
 * @param {Model} model
 * @param {Asset} asset
 */
function assetWords(model, asset) {
  const { id, name, role, vendor, product, orderNumber, firmware, serial, os } = asset;
  return [
    ...[name, roleName(role), vendor, product, orderNumber, firmware, serial, os, model.zoneByAsset.get(id)?.name],
    ...asset.interfaces.flatMap(({ mac, addresses, vendor: maker }) => [mac, maker, ...addresses]),
    ...asset.services.flatMap(({ protocol, transport, port }) => [protocol, `${transport} ${port}`]),
    ...asset.modules.flatMap((module) => [module.product, module.orderNumber, module.serial, module.name]),
  ]
    .filter(Boolean)
    .join('\n');
}
