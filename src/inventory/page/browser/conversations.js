import { copyable, el, facts, link, refill } from './dom.js';
import { findingCard } from './findings.js';
import { Listing, plainTable } from './listing.js';
import { filterOf, protocolOf } from './model.js';
import {
  byEffect,
  choices,
  clientCell,
  doesCell,
  findingsCell,
  protocolCell,
  section,
  serverCell,
  viewElement,
} from './parts.js';
import { effectMeans, rank } from './terms.js';
import { compareText, duration, milliseconds, moment, number, secondsBetween, size } from './text.js';

/** @import { Column, Conversation, Filter, Operation, View } from './types.ts' */
/** @import { Model } from './model.js' */

/** @param {Model} model @returns {View} */
export function conversationsView(model) {
  const { element } = viewElement('Conversations');
  const listing = conversationListing(model, model.conversations, {
    route: 'conversations',
    pageSize: 50,
    caption: 'Conversations: who asks whom, by which protocol, and what is done',
  });
  element.append(listing.element);
  return {
    element,
    title: 'Conversations',
    show(_id, params) {
      listing.show(params);
      return true;
    },
    showAll: () => listing.showAll(),
  };
}

/**
 * @param {Model} model
 * @param {readonly Conversation[]} rows
 * @param {{ route?: string, pageSize: number, caption: string }} options
 */
export function conversationListing(model, rows, options) {
  return new Listing({
    ...options,
    rows,
    noun: ['conversation', 'conversations'],
    columns: conversationColumns(model),
    sort: '-packets',
    filters: conversationFilters(rows),
    words: (conversation) => conversationWords(model, conversation),
    searchHint: 'Name, address, protocol, operation …',
    nothing: 'No conversation was seen.',
    href: (conversation) => `#conversation/${model.numberOf(conversation)}`,
  });
}

/** @param {Model} model @returns {Column<Conversation>[]} */
function conversationColumns(model) {
  return [
    {
      key: 'client',
      title: 'Client',
      order: (conversation) => model.clientName(conversation),
      cell: (conversation) => clientCell(model, conversation),
      isName: true,
    },
    {
      key: 'server',
      title: 'Server',
      order: (conversation) => model.serverName(conversation),
      cell: (conversation) => serverCell(model, conversation),
    },
    {
      key: 'protocol',
      title: 'Protocol',
      order: protocolOf,
      cell: (conversation) => protocolCell(model, conversation),
    },
    { key: 'does', title: 'Does', cell: doesCell },
    {
      key: 'packets',
      title: 'Packets',
      order: ({ packets }) => packets,
      cell: ({ packets }) => number(packets),
      isNumber: true,
      isLargestFirst: true,
    },
    {
      key: 'bytes',
      title: 'Size',
      order: ({ bytes }) => bytes,
      cell: ({ bytes }) => size(bytes),
      isNumber: true,
      isLargestFirst: true,
    },
    {
      key: 'answer',
      title: 'Answers in',
      order: ({ timing }) => timing?.responseMs?.p50 ?? null,
      cell: ({ timing }) => milliseconds(timing?.responseMs?.p50),
      isNumber: true,
      isLargestFirst: true,
    },
    {
      key: 'period',
      title: 'Every',
      order: ({ timing }) => timing?.periodMs?.p50 ?? null,
      cell: ({ timing }) => milliseconds(timing?.periodMs?.p50),
      isNumber: true,
    },
    {
      key: 'findings',
      title: 'Findings',
      orderNames: ['worst first', 'worst last'],
      order: (conversation) => {
        const found = model.findingsBetween(conversation);
        return rank(found[0]?.severity) * 10_000 - Math.min(9999, found.length);
      },
      cell: (conversation) => findingsCell(model.findingsBetween(conversation)),
    },
  ];
}

/** @param {readonly Conversation[]} rows @returns {Filter<Conversation>[]} */
function conversationFilters(rows) {
  const protocols = choices(rows.map(protocolOf), (protocol) => protocol);
  const effects = rows.flatMap(({ operations }) => [...new Set(operations.map(({ effect }) => effect))]);
  return [
    {
      key: 'protocol',
      label: 'Protocol',
      options: protocols.toSorted(([a], [b]) => compareText(a, b)),
      fits: (conversation, value) => protocolOf(conversation) === value,
    },
    {
      key: 'effect',
      label: 'Effect',
      options: byEffect(choices(effects, (effect) => effect)),
      fits: ({ operations }, value) => operations.some(({ effect }) => effect === value),
    },
  ];
}

/**
 * @param {Model} model
 * @param {Conversation} conversation
 */
function conversationWords(model, conversation) {
  const { clientAddress, target, transport, port, operations } = conversation;
  return [
    ...[model.clientName(conversation), model.serverName(conversation), clientAddress, target],
    ...[protocolOf(conversation), `${transport} ${port ?? ''}`],
    ...operations.flatMap(({ name, effect, protocol }) => [name, effect, protocol]),
  ].join('\n');
}

/** @type {Readonly<Record<string, string>>} */
const CLIENT_RULES = {
  handshake: 'it opened the connection',
  protocol: 'the messages say who asks',
  port: 'the other side uses the known port',
  first: 'it sent first; that may be wrong',
};

/** @param {Model} model @returns {View} */
export function conversationView(model) {
  const { heading, element } = viewElement('Conversation');
  const content = el('div', {});
  element.append(content);
  return {
    element,
    title: 'Conversation',
    show(id) {
      const conversation = model.conversations[Number(id) - 1];
      if (!conversation) {
        return false;
      }
      refill(
        heading,
        `${model.clientName(conversation)} to ${model.serverName(conversation)} by ${protocolOf(conversation)}`,
      );
      refill(content, conversationDetail(model, conversation));
      return true;
    },
  };
}

/**
 * @param {Model} model
 * @param {Conversation} conversation
 */
function conversationDetail(model, conversation) {
  const { transport, port, vlan, packets, bytes, flows, firstSeen, lastSeen, operations, clientRule } = conversation;
  const filter = filterOf(conversation);
  const found = model.findingsBetween(conversation);
  return [
    el('p', { class: 'back' }, link('#conversations', 'All conversations')),
    el(
      'div',
      { class: 'columns' },
      section(
        'conversation-facts',
        'Who and how',
        facts([
          ['Client', clientCell(model, conversation)],
          ['Client because', CLIENT_RULES[clientRule] ?? clientRule],
          ['Server', serverCell(model, conversation)],
          ['Server’s address', conversation.server !== null && conversation.target],
          ['Protocol', conversation.protocol ?? 'not recognised'],
          ['Carried by', `${transport}${port === null ? '' : ` port ${port}`}`],
          ['VLAN', vlan],
          ['Connections', number(flows)],
          ['Packets', number(packets)],
          ['Size', size(bytes)],
          ['First seen (UTC)', moment(firstSeen)],
          ['Last seen (UTC)', moment(lastSeen)],
          ['Lasted', duration(secondsBetween(firstSeen, lastSeen))],
          ['Wireshark filter', filter && copyable(filter)],
        ]),
      ),
      timingSection(conversation),
    ),
    section(
      'conversation-operations',
      'Operations',
      operations.length > 0
        ? plainTable(
            'What was done, most often first',
            OPERATION_COLUMNS,
            operations.toSorted((a, b) => b.count - a.count),
          )
        : el(
            'p',
            { class: 'empty' },
            'What is said in this conversation was not read: its protocol is not recognised, or is encrypted.',
          ),
    ),
    found.length > 0 &&
      section(
        'conversation-findings',
        'Findings between these two',
        ...found.map((one) => findingCard(model, one, 'h4')),
      ),
  ];
}

/** @type {readonly Column<Operation>[]} */
const OPERATION_COLUMNS = [
  { key: 'name', title: 'Operation', cell: ({ name }) => name, isName: true },
  { key: 'effect', title: 'Effect', cell: ({ effect }) => [effect, el('span', { class: 'sub' }, effectMeans(effect))] },
  { key: 'protocol', title: 'Protocol', cell: ({ protocol }) => protocol },
  { key: 'by', title: 'Asked or reported by', cell: ({ by }) => by },
  { key: 'count', title: 'Times', cell: ({ count }) => number(count), isNumber: true },
  { key: 'errors', title: 'Refused', cell: ({ errors }) => number(errors), isNumber: true },
];

/** @param {Conversation} conversation */
function timingSection({ timing }) {
  const title = 'Timing';
  if (timing === null) {
    return section(
      'conversation-timing',
      title,
      el('p', { class: 'empty' }, 'No question, answer or report was read, so nothing was measured.'),
    );
  }
  const { requests, unanswered, responseMs, periodMs } = timing;
  return section(
    'conversation-timing',
    title,
    facts([
      ['Questions', number(requests)],
      ['Not answered', number(unanswered)],
      ['Answer, half within', milliseconds(responseMs?.p50)],
      ['Answer, 99 % within', milliseconds(responseMs?.p99)],
      ['Answer, 99.9 % within', milliseconds(responseMs?.p999)],
      ['Slowest answer', milliseconds(responseMs?.max)],
      ['Repeats every', milliseconds(periodMs?.p50)],
      ['Off that by at most (99 %)', milliseconds(periodMs?.jitterP99)],
    ]),
    !responseMs && !periodMs && el('p', { class: 'empty' }, 'Neither answers nor a period were measured.'),
  );
}
