import { Listing } from './listing.js';
import { labelOf, protocolOf } from './model.js';
import { assetLink, effectsOf } from './parts.js';
import { badge, rank } from './terms.js';
import { number, some } from './text.js';

/** @import { Link } from './types.ts' */
/** @import { Model } from './model.js' */

/**
 * What the map shows, for those who would rather read it.
 * @param {Model} model
 * @param {readonly Link[]} links
 */
export function linkListing(model, links) {
  const labelById = (/** @type {string} */ id) => {
    const asset = model.asset(id);
    return asset ? labelOf(asset) : id;
  };
  const cellById = (/** @type {string} */ id) => {
    const asset = model.asset(id);
    return asset ? assetLink(asset) : id;
  };
  const packets = (/** @type {Link} */ { conversations }) => conversations.reduce((sum, one) => sum + one.packets, 0);
  return new Listing({
    rows: links,
    noun: ['link', 'links'],
    columns: [
      { key: 'a', title: 'Asset', order: ({ a }) => labelById(a), cell: ({ a }) => cellById(a), isName: true },
      { key: 'b', title: 'Talks to', order: ({ b }) => labelById(b), cell: ({ b }) => cellById(b) },
      {
        key: 'protocols',
        title: 'Protocols',
        cell: ({ conversations }) => some([...new Set(conversations.map(protocolOf))], 6),
      },
      { key: 'effects', title: 'Effects', cell: ({ conversations }) => effectsOf(conversations).join(', ') },
      {
        key: 'packets',
        title: 'Packets',
        order: packets,
        cell: (link) => number(packets(link)),
        isNumber: true,
        isLargestFirst: true,
      },
      {
        key: 'worst',
        title: 'Worst finding',
        order: ({ severity }) => rank(severity),
        cell: ({ severity }) => severity && badge(severity),
      },
    ],
    sort: 'worst',
    filters: [],
    nothing: 'No two assets talk to each other like this. Choose another protocol, effect or zone.',
    pageSize: 25,
    caption: 'Links that the map shows',
  });
}
