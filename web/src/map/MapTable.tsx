import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EffectMark } from '../parts/EffectMark.tsx';
import { rankOf } from '../parts/effects.ts';
import { useFormat } from '../parts/format.ts';
import { SeverityBadge } from '../parts/Severity.tsx';
import { Empty } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import type { Column } from '../table/columns.ts';
import { DataTable } from '../table/DataTable.tsx';
import type { RowSource } from '../table/use-rows.ts';
import { levelKey } from './MapCard.tsx';
import { type MapEdge, type MapNode, titleOf } from './plant-map.ts';

interface Line {
  readonly edge: MapEdge;
  readonly client: MapNode;
  readonly server: MapNode;
}

/** What the map shows, as tables: who talks to whom, and the assets. */
export function MapTable({
  nodes,
  edges,
}: {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}): ReactNode {
  const { t } = useTranslation();
  const [what, setWhat] = useState<'edges' | 'nodes'>('edges');
  return (
    <>
      <div className="tool-bar">
        {(['edges', 'nodes'] as const).map((one) => (
          <button
            key={one}
            type="button"
            className="button small"
            aria-pressed={what === one}
            onClick={() => setWhat(one)}
          >
            {t(`map.${one}`)}
          </button>
        ))}
      </div>
      {what === 'edges' ? <EdgeTable nodes={nodes} edges={edges} /> : <NodeTable nodes={nodes} edges={edges} />}
    </>
  );
}

function EdgeTable({
  nodes,
  edges,
}: {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}): ReactNode {
  const { t } = useTranslation();
  const { size } = useFormat();
  const navigate = useNavigate();
  const lines = useMemo(() => {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    return edges
      .flatMap((edge): readonly Line[] => {
        const [client, server] = [byId.get(edge.client), byId.get(edge.server)];
        return client === undefined || server === undefined ? [] : [{ edge, client, server }];
      })
      .toSorted((a, b) => rankOf(a.edge.effect) - rankOf(b.edge.effect) || b.edge.packets - a.edge.packets);
  }, [nodes, edges]);
  const columns: readonly Column<Line>[] = [
    { id: 'client', head: t('map.client'), width: 170, cell: ({ client }) => <NodeLink node={client} /> },
    { id: 'server', head: t('map.server'), width: 170, cell: ({ server }) => <NodeLink node={server} /> },
    { id: 'effect', head: t('map.effect'), width: 150, cell: ({ edge }) => <EffectMark effect={edge.effect} /> },
    {
      id: 'protocols',
      head: t('map.protocol'),
      width: 150,
      cell: ({ edge }) => <Wire text={edge.protocols.join(', ')} />,
    },
    { id: 'bytes', head: t('map.bytes'), width: 90, grow: 0, align: 'end', cell: ({ edge }) => size(edge.bytes) },
    { id: 'lastSeen', head: t('map.lastSeen'), width: 120, grow: 0, cell: ({ edge }) => <When time={edge.lastSeen} /> },
  ];
  return (
    <DataTable
      label={t('map.edges')}
      rows={rowsOf(lines, 'edges')}
      columns={columns}
      rowId={({ edge }) => `${edge.client} ${edge.server}`}
      onOpen={({ edge }) => void navigate({ to: '/conversations', search: { asset: edge.server } })}
      narrow={({ edge, client, server }) => (
        <>
          <div className="card-line">
            <span className="grow">
              <NodeLink node={client} /> → <NodeLink node={server} />
            </span>
          </div>
          <div className="card-line soft">
            <span className="grow">
              <EffectMark effect={edge.effect} /> · <Wire text={edge.protocols.join(', ')} />
            </span>
          </div>
        </>
      )}
      empty={<Empty icon="conversations" title={t('map.noEdges')} />}
    />
  );
}

function NodeTable({
  nodes,
  edges,
}: {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const navigate = useNavigate();
  const counts = useMemo(() => {
    const found = new Map<string, number>();
    for (const { client, server } of edges) {
      found.set(client, (found.get(client) ?? 0) + 1);
      found.set(server, (found.get(server) ?? 0) + 1);
    }
    return found;
  }, [edges]);
  const sorted = useMemo(
    () => nodes.toSorted((a, b) => (b.level ?? -1) - (a.level ?? -1) || (titleOf(a) < titleOf(b) ? -1 : 1)),
    [nodes],
  );
  const columns: readonly Column<MapNode>[] = [
    { id: 'name', head: t('map.name'), width: 190, grow: 2, cell: (node) => <NodeLink node={node} /> },
    { id: 'role', head: t('map.role'), width: 140, cell: ({ role }) => t(`role.${role}`) },
    { id: 'level', head: t('map.level'), width: 170, cell: ({ level }) => t(`level.${levelKey(level)}`) },
    {
      id: 'place',
      head: t('map.place'),
      width: 130,
      cell: ({ place }) => (place === null ? <span className="soft">–</span> : <Wire text={place.name} />),
    },
    {
      id: 'severity',
      head: t('map.severity'),
      width: 120,
      grow: 0,
      cell: ({ severity }) => severity !== null && <SeverityBadge severity={severity} />,
    },
    {
      id: 'edges',
      head: t('map.edges'),
      width: 120,
      grow: 0,
      align: 'end',
      cell: ({ id }) => number(counts.get(id) ?? 0),
    },
  ];
  return (
    <DataTable
      label={t('map.nodes')}
      rows={rowsOf(sorted, 'nodes')}
      columns={columns}
      rowId={({ id }) => id}
      onOpen={({ id }) => void navigate({ to: '/assets/$id', params: { id } })}
      narrow={(node) => (
        <>
          <div className="card-line">
            <span className="grow">
              <NodeLink node={node} />
            </span>
            {node.severity !== null && <SeverityBadge severity={node.severity} />}
          </div>
          <div className="card-line soft">
            <span className="grow">
              {t(`role.${node.role}`)} · {t(`level.${levelKey(node.level)}`)}
            </span>
          </div>
        </>
      )}
      empty={<Empty icon="inventory" title={t('map.empty')} />}
    />
  );
}

function NodeLink({ node }: { readonly node: MapNode }): ReactNode {
  return (
    <Link to="/assets/$id" params={{ id: node.id }} tabIndex={-1}>
      <Wire text={titleOf(node)} most={40} />
    </Link>
  );
}

/** A list that is here as a whole. */
function rowsOf<Row>(list: readonly Row[], key: string): RowSource<Row> {
  return {
    total: list.length,
    rowAt: (index) => list[index],
    show: shownAlready,
    isPending: false,
    error: null,
    retry: shownAlready,
    key,
  };
}

function shownAlready(): void {
  // Nothing has to be fetched.
}
