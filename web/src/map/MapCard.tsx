import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EffectMark } from '../parts/EffectMark.tsx';
import { EFFECTS } from '../parts/effects.ts';
import { useFormat } from '../parts/format.ts';
import { SeverityBadge } from '../parts/Severity.tsx';
import { Wire } from '../parts/Wire.tsx';
import { titleOf } from './plant-map.ts';
import type { Scene } from './scene.ts';

/** Says what is pointed at on the map. */
export function MapCard({ scene, index }: { readonly scene: Scene; readonly index: number }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const node = scene.nodes[index];
  const edges = scene.edgesOf[index] ?? [];
  if (node === undefined) {
    return null;
  }
  const effects = EFFECTS.flatMap((effect) => {
    const count = edges.filter(({ edge }) => edge.effect === effect).length;
    return count === 0 ? [] : [{ effect, count }];
  });
  return (
    <div className="map-card" role="status">
      <p>
        <Link to="/assets/$id" params={{ id: node.id }}>
          <Wire text={titleOf(node)} most={40} />
        </Link>
      </p>
      <p className="soft">
        {t(`role.${node.role}`)} · {t(`level.${levelKey(node.level)}`)}
        {node.place !== null && (
          <>
            {' · '}
            <Wire text={node.place.name} most={30} />
          </>
        )}
      </p>
      {node.severity !== null && <SeverityBadge severity={node.severity} />}
      {edges.length === 0 && <p className="soft">{t('map.silent')}</p>}
      <ul>
        {effects.map(({ effect, count }) => (
          <li key={effect} className="row">
            <EffectMark effect={effect} />
            <span className="soft">{number(count)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function levelKey(level: number | null): '0' | '1' | '2' | '3' | '4' | '5' | 'unknown' {
  return (
    (['0', '1', '2', '3', '4', '5'] as const).find((key) => level !== null && key === String(Math.round(level))) ??
    'unknown'
  );
}
