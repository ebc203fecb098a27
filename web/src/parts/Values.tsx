import i18next from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Wire } from './Wire.tsx';
import './values.css';

const MOST_DEPTH = 4;
const MOST_ITEMS = 40;

/** What an event says of a thing, whatever its form: names with values, lists, or plain text. All of it may be hostile. */
export function Values({ value, depth = 0 }: { readonly value: unknown; readonly depth?: number }): ReactNode {
  const { t } = useTranslation();
  if (value === null || value === undefined || value === '') {
    return <span className="soft">–</span>;
  }
  if (typeof value !== 'object' || depth >= MOST_DEPTH) {
    return (
      <Wire text={typeof value === 'object' ? JSON.stringify(value) : String(value)} most={120} whole={depth === 0} />
    );
  }
  if (isOperation(value)) {
    return (
      <>
        <Wire text={value.name} /> <span className="soft">×{String(value.count)}</span>
      </>
    );
  }
  const rest = Object.keys(value).length - MOST_ITEMS;
  return (
    <ul className={Array.isArray(value) ? 'values' : 'values named'}>
      {Object.entries(value)
        .slice(0, MOST_ITEMS)
        .filter(([, one]) => one !== null && one !== undefined)
        .map(([name, one]) => (
          <li key={name}>
            {!Array.isArray(value) && <span className="value-name">{nameOf(name)} </span>}
            {termOf(name, one) ?? <Values value={one} depth={depth + 1} />}
          </li>
        ))}
      {rest > 0 && <li className="soft">{t('part.more', { count: rest })}</li>}
    </ul>
  );
}

/** Before → after. */
export function Change({ before, after }: { readonly before: unknown; readonly after: unknown }): ReactNode {
  const { t } = useTranslation();
  if (before === null || before === undefined) {
    return (
      <div>
        <Values value={after} />
      </div>
    );
  }
  return (
    <div className="change">
      <del>
        <span className="hidden">{t('part.before')} </span>
        <Values value={before} />
      </del>
      {after !== null && after !== undefined && (
        <>
          <span aria-hidden="true">→</span>
          <ins>
            <span className="hidden">{t('part.after')} </span>
            <Values value={after} />
          </ins>
        </>
      )}
    </div>
  );
}

interface Operation {
  readonly name: string;
  readonly effect: string;
  readonly count: number;
}

/** What was done, and how often: the rest is on the page of the conversation. */
function isOperation(value: object): value is Operation {
  return 'name' in value && typeof value.name === 'string' && 'effect' in value && 'count' in value;
}

/** A role or an effect in words of the person. */
function termOf(name: string, value: unknown): string | undefined {
  const key = `${name}.${String(value)}`;
  const isTerm = (name === 'role' || name === 'effect') && /^\w+$/u.test(String(value)) && i18next.exists(key);
  return isTerm ? i18next.t(key as 'role.plc') : undefined;
}

function nameOf(name: string): ReactNode {
  const key = `attribute.${name}`;
  return /^\w+$/u.test(name) && i18next.exists(key) ? (
    i18next.t(key as 'attribute.name')
  ) : (
    <Wire text={name} most={40} />
  );
}
