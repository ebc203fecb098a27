import { defineOperations, type Operation } from '../../dissector.ts';
import type { Content, Method } from '../../stack/dcom.ts';
import type { Said } from './layouts.ts';
import * as layout from './layouts.ts';

export const OPERATIONS = defineOperations({
  status: ['get server status', 'read'],
  errorText: ['get error text', 'read'],
  addGroup: ['add group', 'session'],
  removeGroup: ['remove group', 'session'],
  groupState: ['get group state', 'session'],
  manageGroup: ['manage group', 'session'],
  publishGroup: ['change public group', 'configure'],
  addItems: ['add items', 'session'],
  manageItems: ['manage items', 'session'],
  read: ['read items', 'read'],
  readAsync: ['read items asynchronously', 'read'],
  refresh: ['refresh items', 'read'],
  write: ['write items', 'write'],
  writeAsync: ['write items asynchronously', 'write'],
  cancel: ['cancel call', 'session'],
  readProperties: ['read item properties', 'read'],
  browse: ['browse items', 'discover'],
  dataChange: ['report data change', 'report'],
  readComplete: ['report end of read', 'report'],
  writeComplete: ['report end of write', 'report'],
  cancelComplete: ['report end of cancel', 'report'],
  setClientName: ['set client name', 'session'],
  language: ['manage language', 'session'],
  shutdown: ['announce shutdown', 'report'],
  listServers: ['list servers', 'discover'],
  security: ['ask for security', 'read'],
  logOn: ['log on', 'authenticate'],
  logOff: ['log off', 'session'],
  subscribe: ['subscribe to events', 'session'],
  manageSubscription: ['manage event subscription', 'session'],
  refreshEvents: ['refresh events', 'read'],
  event: ['report events', 'report'],
  queryEvents: ['query event space', 'discover'],
  browseAreas: ['browse event areas', 'discover'],
  conditionState: ['read condition state', 'read'],
  acknowledge: ['acknowledge conditions', 'control'],
  enable: ['enable conditions', 'configure'],
  disable: ['disable conditions', 'configure'],
  unknown: ['unknown call', 'unknown'],
});

type Layout = Content<Said>;

interface Interface {
  readonly name: string;
  /** From the third call on: those before it never travel as such. */
  readonly methods: readonly Method<Said>[];
}

const FIRST_METHOD = 3;

function method(operation: Operation, asks?: Layout, answers?: Layout): Method<Said> {
  return { operation, asks, answers };
}

function same(count: number, operation: Operation, asks?: Layout): readonly Method<Said>[] {
  return Array.from({ length: count }, () => ({ operation, asks }));
}

const O = OPERATIONS;

const GROUP_STATE: readonly Method<Said>[] = [
  method(O.groupState, undefined, layout.groupState),
  method(O.manageGroup),
  method(O.manageGroup, layout.groupName),
  method(O.manageGroup, layout.groupName),
];
const SYNC_IO: readonly Method<Said>[] = [
  method(O.read, layout.syncRead, layout.itemStates),
  method(O.write, layout.write),
];
const ASYNC_IO_2: readonly Method<Said>[] = [
  method(O.readAsync, layout.asyncRead),
  method(O.writeAsync, layout.writeAsync),
  method(O.refresh),
  method(O.cancel),
  method(O.manageGroup),
  method(O.groupState),
];
const LIST: readonly Method<Said>[] = same(4, O.manageItems);
const SERVER_LIST: readonly Method<Said>[] = same(3, O.listServers);
const EVENT_SERVER: readonly Method<Said>[] = [
  method(O.status, undefined, layout.eventServerStatus),
  method(O.subscribe),
  ...same(7, O.queryEvents),
  method(O.conditionState, layout.condition),
  method(O.enable, layout.areas),
  method(O.enable, layout.areas),
  method(O.disable, layout.areas),
  method(O.disable, layout.areas),
  method(O.acknowledge, layout.acknowledge),
  method(O.browseAreas),
];
const SUBSCRIPTION: readonly Method<Said>[] = [
  ...same(4, O.manageSubscription),
  method(O.refreshEvents),
  ...same(3, O.manageSubscription),
];

const SERVER = '39c13a4d-011e-11d0-9675-0020afd8adb3';
const ADDRESS_SPACE = '39c13a4f-011e-11d0-9675-0020afd8adb3';
const GROUP = '39c13a50-011e-11d0-9675-0020afd8adb3';
const SYNC = '39c13a52-011e-11d0-9675-0020afd8adb3';
const ITEMS = '39c13a54-011e-11d0-9675-0020afd8adb3';
const CALLBACK = '39c13a70-011e-11d0-9675-0020afd8adb3';
const ASYNC_2 = '39c13a71-011e-11d0-9675-0020afd8adb3';
const EVENTS = '65168851-5783-11d1-84a0-00608cb8a7e9';
const EVENT_SINK = '6516885f-5783-11d1-84a0-00608cb8a7e9';

/** By interface id (OPC DA 3.0 and its predecessors, OPC Common 1.1, OPC Security 1.0, OPC AE 1.10: interface definitions). */
const INTERFACES: ReadonlyMap<string, Interface> = new Map([
  [
    SERVER,
    {
      name: 'IOPCServer',
      methods: [
        method(O.addGroup, layout.addGroup, layout.groupAdded),
        method(O.errorText),
        method(O.manageGroup, layout.groupName),
        method(O.status, undefined, layout.serverStatus),
        method(O.removeGroup, layout.groupHandle),
        method(O.manageGroup),
      ],
    },
  ],
  [
    '39c13a4e-011e-11d0-9675-0020afd8adb3',
    { name: 'IOPCServerPublicGroups', methods: [method(O.manageGroup, layout.groupName), method(O.publishGroup)] },
  ],
  [
    ADDRESS_SPACE,
    {
      name: 'IOPCBrowseServerAddressSpace',
      methods: [
        method(O.browse),
        method(O.browse, layout.browsePosition),
        method(O.browse, layout.browseFilter),
        method(O.browse, layout.itemId),
        method(O.browse, layout.itemId),
      ],
    },
  ],
  [GROUP, { name: 'IOPCGroupStateMgt', methods: GROUP_STATE }],
  [
    '39c13a51-011e-11d0-9675-0020afd8adb3',
    { name: 'IOPCPublicGroupStateMgt', methods: [method(O.groupState), method(O.publishGroup)] },
  ],
  [SYNC, { name: 'IOPCSyncIO', methods: SYNC_IO }],
  [
    '39c13a53-011e-11d0-9675-0020afd8adb3',
    {
      name: 'IOPCAsyncIO',
      methods: [
        method(O.readAsync, layout.oldAsyncRead),
        method(O.writeAsync, layout.oldWriteAsync),
        method(O.refresh),
        method(O.cancel),
      ],
    },
  ],
  [
    ITEMS,
    {
      name: 'IOPCItemMgt',
      methods: [
        method(O.addItems, layout.addItems, layout.itemsAdded),
        method(O.manageItems, layout.validateItems),
        ...same(4, O.manageItems, layout.handles),
        method(O.manageItems),
      ],
    },
  ],
  ['39c13a55-011e-11d0-9675-0020afd8adb3', { name: 'IEnumOPCItemAttributes', methods: LIST }],
  [
    CALLBACK,
    {
      name: 'IOPCDataCallback',
      methods: [
        method(O.dataChange, layout.dataChange),
        method(O.readComplete, layout.dataChange),
        method(O.writeComplete, layout.writeComplete),
        method(O.cancelComplete),
      ],
    },
  ],
  [ASYNC_2, { name: 'IOPCAsyncIO2', methods: ASYNC_IO_2 }],
  [
    '39c13a72-011e-11d0-9675-0020afd8adb3',
    {
      name: 'IOPCItemProperties',
      methods: [
        method(O.browse, layout.itemId),
        method(O.readProperties, layout.itemId),
        method(O.browse, layout.itemId),
      ],
    },
  ],
  [
    '5946da93-8b39-4ec8-ab3d-aa73df5bc86f',
    {
      name: 'IOPCItemDeadbandMgt',
      methods: same(3, O.manageItems, layout.handles),
    },
  ],
  [
    '3e22d313-f08b-41a5-86c8-95e95cb49ffc',
    {
      name: 'IOPCItemSamplingMgt',
      methods: same(5, O.manageItems, layout.handles),
    },
  ],
  [
    '39227004-a18f-4b57-8b0a-5235670f4468',
    { name: 'IOPCBrowse', methods: [method(O.readProperties, layout.itemIds), method(O.browse, layout.itemId)] },
  ],
  [
    '85c0b427-2893-4cbc-bd78-e5fc5146f08f',
    { name: 'IOPCItemIO', methods: [method(O.read, layout.itemIdsWithAge), method(O.write, layout.itemIdsWithValues)] },
  ],
  [
    '730f5f0f-55b1-4c81-9e18-ff8a0904e1fa',
    {
      name: 'IOPCSyncIO2',
      methods: [...SYNC_IO, method(O.read, layout.readWithAge), method(O.write, layout.writeQualified)],
    },
  ],
  [
    '0967b97b-36ef-423e-b6f8-6bff1e40d39d',
    {
      name: 'IOPCAsyncIO3',
      methods: [
        ...ASYNC_IO_2,
        method(O.readAsync, layout.handles),
        method(O.writeAsync, layout.writeQualified),
        method(O.refresh),
      ],
    },
  ],
  [
    '8e368666-d72e-4f78-87ed-647611c61c9f',
    { name: 'IOPCGroupStateMgt2', methods: [...GROUP_STATE, ...same(2, O.manageGroup)] },
  ],
  [
    'f31dfde2-07b6-11d2-b2d8-0060083ba1fb',
    {
      name: 'IOPCCommon',
      methods: [...same(3, O.language), method(O.errorText), method(O.setClientName, layout.clientName)],
    },
  ],
  [
    'f31dfde1-07b6-11d2-b2d8-0060083ba1fb',
    { name: 'IOPCShutdown', methods: [method(O.shutdown, layout.shutdownReason)] },
  ],
  ['13486d50-4821-11d2-a494-3cb306c10000', { name: 'IOPCServerList', methods: SERVER_LIST }],
  ['9dd0b56c-ad9e-43ee-8305-487f3188bf7a', { name: 'IOPCServerList2', methods: SERVER_LIST }],
  ['55c382c8-21c7-4e88-96c1-becfb1e3f483', { name: 'IOPCEnumGUID', methods: same(4, O.listServers) }],
  [
    '7aa83a01-6c77-11d3-84f9-00008630a38b',
    { name: 'IOPCSecurityNT', methods: [...same(2, O.security), method(O.logOn)] },
  ],
  [
    '7aa83a02-6c77-11d3-84f9-00008630a38b',
    { name: 'IOPCSecurityPrivate', methods: [method(O.security), method(O.logOn, layout.userName), method(O.logOff)] },
  ],
  [EVENTS, { name: 'IOPCEventServer', methods: EVENT_SERVER }],
  [
    '71bbe88e-9564-4bcd-bcfc-71c558d94f2d',
    {
      name: 'IOPCEventServer2',
      methods: [
        ...EVENT_SERVER,
        method(O.enable, layout.areas),
        method(O.enable, layout.areas),
        method(O.disable, layout.areas),
        method(O.disable, layout.areas),
        ...same(2, O.conditionState, layout.areas),
      ],
    },
  ],
  ['65168855-5783-11d1-84a0-00608cb8a7e9', { name: 'IOPCEventSubscriptionMgt', methods: SUBSCRIPTION }],
  [
    '94c955dc-3684-4ccb-afab-f898ce19aac3',
    { name: 'IOPCEventSubscriptionMgt2', methods: [...SUBSCRIPTION, ...same(2, O.manageSubscription)] },
  ],
  ['65168857-5783-11d1-84a0-00608cb8a7e9', { name: 'IOPCEventAreaBrowser', methods: same(4, O.browseAreas) }],
  [EVENT_SINK, { name: 'IOPCEventSink', methods: [method(O.event, layout.events)] }],
]);

export const INTERFACE_IDS: readonly string[] = [...INTERFACES.keys()];

export function interfaceNamed(interfaceId: string): Interface | undefined {
  return INTERFACES.get(interfaceId);
}

export function methodOf(called: Interface | undefined, opnum: number | undefined): Method<Said> | undefined {
  return opnum === undefined ? undefined : called?.methods[opnum - FIRST_METHOD];
}

/** A call that shows what it is by its content alone, should the interface have been bound before the capture began. */
export interface Mark {
  readonly interfaceId: string;
  readonly opnum: number;
  readonly layout: Layout;
  /** In the answer, not in the request. */
  readonly answer: boolean;
  /** What it carries is so little that it says something only among other calls of OPC. */
  readonly faint: boolean;
}

function mark(id: string, opnum: number, side: 'asks' | 'answers', faint = false): Mark {
  const read = methodOf(INTERFACES.get(id), opnum)?.[side];
  if (read === undefined) {
    throw new Error(`no layout of call ${opnum} of ${id}`);
  }
  return { interfaceId: id, opnum, layout: read, answer: side === 'answers', faint };
}

/** Values, times and texts in just the form that the interface asks for, to the last byte. */
export const MARKS: readonly Mark[] = [
  mark(SERVER, 6, 'answers'),
  mark(GROUP, 3, 'answers'),
  mark(SYNC, 3, 'answers'),
  mark(SYNC, 4, 'asks'),
  mark(ITEMS, 3, 'asks'),
  mark(CALLBACK, 3, 'asks'),
  mark(CALLBACK, 4, 'asks'),
  mark(ASYNC_2, 4, 'asks'),
  mark(EVENTS, 3, 'answers'),
  mark(EVENT_SINK, 3, 'asks'),
  mark(SYNC, 3, 'asks', true),
  mark(ASYNC_2, 3, 'asks', true),
  mark(ADDRESS_SPACE, 4, 'asks', true),
];
