import type { AnalysisJson } from './report.ts';

type Cell = string | number | boolean | null;

/** One table of the analysis, as `--csv` writes it: a file of this name, a line a row. */
export interface Table {
  readonly name: string;
  readonly titles: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Everything in the JSON result, flat. Lists inside a cell are separated by spaced semicolons. */
export function tablesOf(analysis: AnalysisJson): readonly Table[] {
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

function assets({ assets: list }: AnalysisJson): Table {
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
    rows: list.map((asset) => [
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

function modules({ assets: list }: AnalysisJson): Table {
  return {
    name: 'modules',
    titles: ['asset', 'slot', 'vendor', 'product', 'orderNumber', 'firmware', 'hardware', 'serial', 'name'],
    rows: list.flatMap((asset) =>
      asset.modules.map((module) => [
        ...[asset.id, module.slot, module.vendor, module.product, module.orderNumber, module.firmware],
        ...[module.hardware, module.serial, module.name],
      ]),
    ),
  };
}

function evidence({ assets: list }: AnalysisJson): Table {
  return {
    name: 'evidence',
    titles: ['asset', 'attribute', 'value', 'protocol', 'frame', 'time', 'count', 'confidence'],
    rows: list.flatMap((asset) =>
      asset.evidence.map((one) => [
        ...[asset.id, one.attribute, one.value, one.protocol, one.frame, one.time, one.count, one.confidence],
      ]),
    ),
  };
}

function conversations({ conversations: list }: AnalysisJson): Table {
  return {
    name: 'conversations',
    titles: [
      ...['client', 'server', 'clientAddress', 'target', 'transport', 'port', 'protocol', 'vlan', 'packets', 'bytes'],
      ...['requests', 'unanswered', 'responseMsP50', 'responseMsP99', 'responseMsMax', 'periodMsP50', 'jitterMsP99'],
      ...['firstSeen', 'lastSeen'],
    ],
    rows: list.map((one) => [
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

function operations({ conversations: list }: AnalysisJson): Table {
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
    rows: list.flatMap((one) =>
      one.operations.map((operation) => [
        ...[one.client, one.server, one.clientAddress, one.target, one.transport, one.port],
        ...[operation.protocol, operation.name, operation.effect, operation.count, operation.errors],
      ]),
    ),
  };
}

function zones({ zones: list }: AnalysisJson): Table {
  return {
    name: 'zones',
    titles: ['id', 'name', 'assets', 'reasons'],
    rows: list.map(({ id, name, assets: inside, reasons }) => [id, name, joined(inside), joined(reasons)]),
  };
}

function findings({ findings: list }: AnalysisJson): Table {
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
    rows: list.map((one) => [
      ...[one.severity, one.code, one.title, joined(one.assets), one.explanation, one.filter, joined(one.frames)],
      ...[one.count, one.firstSeen, one.lastSeen],
    ]),
  };
}

function joined(values: readonly (string | number | null)[]): string {
  return values.filter((value) => value !== null).join('; ');
}
