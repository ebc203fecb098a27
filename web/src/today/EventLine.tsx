import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Evidence } from '../parts/Evidence.tsx';
import { Icon } from '../parts/Icon.tsx';
import { SeverityBadge } from '../parts/Severity.tsx';
import { Change } from '../parts/Values.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import type { Decision, PlantEvent } from './event.ts';

/** One event: about what, what changed, who said so, and the two answers. */
export function EventLine({
  event,
  isSelected,
  onSelect,
  onDecide,
  canDecide,
}: {
  readonly event: PlantEvent;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  readonly onDecide: (decision: Decision) => void;
  readonly canDecide: boolean;
}): ReactNode {
  const { t } = useTranslation();
  const { id, asset, finding, count, before, after, at, evidence } = event;
  return (
    <li className="event" data-event={id} tabIndex={-1}>
      {canDecide && <input type="checkbox" aria-label={t('table.select')} checked={isSelected} onChange={onSelect} />}
      <div className="event-about">
        <About event={event} />
        <span className="sub">
          {asset !== null && <>{t(`role.${asset.role}`)} · </>}
          <When time={at} />
          {count > 1 && <> · {t('today.standsFor', { count })}</>}
        </span>
      </div>
      <div className="event-what">
        {finding !== null ? (
          <p>
            <SeverityBadge severity={finding.severity} /> <Wire text={finding.title} most={160} />
          </p>
        ) : (
          <Change before={before} after={after} />
        )}
        <Evidence evidence={evidence} />
      </div>
      {canDecide && (
        <div className="event-acts">
          <button type="button" className="button small" onClick={() => onDecide('accept')}>
            <Icon name="check" size={14} />
            {t('today.accept')}
          </button>
          <button type="button" className="button small" onClick={() => onDecide('refuse')}>
            <Icon name="close" size={14} />
            {t('today.refuse')}
          </button>
        </div>
      )}
    </li>
  );
}

function About({ event: { asset, conversation, finding } }: { readonly event: PlantEvent }): ReactNode {
  const { t } = useTranslation();
  if (asset !== null) {
    return (
      <Link to="/assets/$id" params={{ id: asset.id }} className="event-name">
        <Wire text={asset.name ?? asset.id} />
      </Link>
    );
  }
  if (conversation !== null) {
    return (
      <Link to="/conversations" className="event-name">
        {t('today.conversation')}
      </Link>
    );
  }
  return <span className="event-name">{finding === null ? t('today.crowd') : t('view.findings')}</span>;
}
