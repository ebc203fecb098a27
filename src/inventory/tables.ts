import type { AnalysisReport } from './report.ts';

type Cell = string | number | boolean | null;

/** One table of the analysis, as `--csv` writes it: a file of this name, a line a row. */
export interface Table {
  readonly name: string;
  readonly titles: readonly string[];
  readonly rows: Iterable<readonly Cell[]>;
}

/** Everything in the JSON result, flat. Lists inside a cell are separated by spaced semicolons. */
export function tablesOf(analysis: AnalysisReport): readonly Table[] {
  return [
    assets(analysis),
    modules(analysis),
    evidence(analysis),
    conversations(analysis),
    operations(analysis),
    zones(analysis),
    findings(analysis),
  ];
}

function assets({ assets: list }: AnalysisReport): Table {
  return {
    name: 'assets',
    titles: [
      ...[
        'id',
        'name',
        'role',
        'purdueLevel',
        'vendor',
        'product',
        'orderNumber',
        'firmware',
        'hardware',
        'serial',
        'os',
      ],
      ...['macs', 'addresses', 'vlans', 'services', 'parent', 'firstSeen', 'lastSeen'],
    ],
    rows: mapped(list, (asset) => [
      ...[asset.id, asset.name, asset.role, asset.purdueLevel, asset.vendor, asset.product, asset.orderNumber],
      ...[asset.firmware, asset.hardware, asset.serial, asset.os],
      joined(asset.interfaces.map(({ mac }) => mac)),
      joined(asset.interfaces.flatMap(({ addresses }) => addresses)),
      joined(asset.interfaces.map(({ vlan }) => vlan)),
      joined(asset.services.map(({ protocol, transport, port }) => `${protocol ?? 'unknown'} ${transport}/${port}`)),
      ...[asset.parent, asset.firstSeen, asset.lastSeen],
    ]),
  };
}

function modules({ assets: list }: AnalysisReport): Table {
  return {
    name: 'modules',
    titles: ['asset', 'slot', 'vendor', 'product', 'orderNumber', 'firmware', 'hardware', 'serial', 'name'],
    rows: flattened(list, (asset) =>
      asset.modules.map((module) => [
        ...[asset.id, module.slot, module.vendor, module.product, module.orderNumber, module.firmware],
        ...[module.hardware, module.serial, module.name],
      ]),
    ),
  };
}

function evidence({ assets: list }: AnalysisReport): Table {
  return {
    name: 'evidence',
    titles: ['asset', 'attribute', 'value', 'protocol', 'frame', 'time', 'count', 'confidence'],
    rows: flattened(list, (asset) =>
      asset.evidence.map((one) => [
        ...[asset.id, one.attribute, one.value, one.protocol, one.frame, one.time, one.count, one.confidence],
      ]),
    ),
  };
}

function conversations({ conversations: list }: AnalysisReport): Table {
  return {
    name: 'conversations',
    titles: [
      ...['client', 'server', 'clientAddress', 'target', 'transport', 'port', 'protocol', 'vlan', 'packets', 'bytes'],
      ...['requests', 'unanswered', 'responseMsP50', 'responseMsP99', 'responseMsMax', 'periodMsP50', 'jitterMsP99'],
      ...['firstSeen', 'lastSeen'],
    ],
    rows: mapped(list, (one) => [
      ...[one.client, one.server, one.clientAddress, one.target, one.transport, one.port, one.protocol, one.vlan],
      ...[one.packets, one.bytes, one.timing?.requests ?? null, one.timing?.unanswered ?? null],
      ...[
        one.timing?.responseMs?.p50 ?? null,
        one.timing?.responseMs?.p99 ?? null,
        one.timing?.responseMs?.max ?? null,
      ],
      ...[one.timing?.periodMs?.p50 ?? null, one.timing?.periodMs?.jitterP99 ?? null, one.firstSeen, one.lastSeen],
    ]),
  };
}

function operations({ conversations: list }: AnalysisReport): Table {
  return {
    name: 'operations',
    titles: [
      'client',
      'server',
      'clientAddress',
      'target',
      'transport',
      'port',
      'protocol',
      'operation',
      'effect',
      'count',
      'errors',
    ],
    rows: flattened(list, (one) =>
      one.operations.map((operation) => [
        ...[one.client, one.server, one.clientAddress, one.target, one.transport, one.port],
        ...[operation.protocol, operation.name, operation.effect, operation.count, operation.errors],
      ]),
    ),
  };
}

function zones({ zones: list }: AnalysisReport): Table {
  return {
    name: 'zones',
    titles: ['id', 'name', 'assets', 'reasons'],
    rows: mapped(list, ({ id, name, assets: inside, reasons }) => [id, name, joined(inside), joined(reasons)]),
  };
}

function findings({ findings: list }: AnalysisReport): Table {
  return {
    name: 'findings',
    titles: [
      'severity',
      'code',
      'title',
      'assets',
      'explanation',
      'filter',
      'frames',
      'count',
      'firstSeen',
      'lastSeen',
    ],
    rows: mapped(list, (one) => [
      ...[one.severity, one.code, one.title, joined(one.assets), one.explanation, one.filter, joined(one.frames)],
      ...[one.count, one.firstSeen, one.lastSeen],
    ]),
  };
}

/** Rows are made while they are written. */
function* mapped<T>(list: Iterable<T>, make: (item: T) => readonly Cell[]): Generator<readonly Cell[]> {
  for (const item of list) {
    yield make(item);
  }
}

function* flattened<T>(list: Iterable<T>, make: (item: T) => readonly (readonly Cell[])[]): Generator<readonly Cell[]> {
  for (const item of list) {
    yield* make(item);
  }
}

function joined(values: readonly (string | number | null)[]): string {
  return values.filter((value) => value !== null).join('; ');
}
