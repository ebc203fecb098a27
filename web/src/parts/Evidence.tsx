import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from './format.ts';
import { Values } from './Values.tsx';
import { Wire } from './Wire.tsx';

interface Said {
  readonly attribute?: unknown;
  readonly value?: unknown;
  readonly protocol?: unknown;
  readonly frame?: unknown;
  readonly confidence?: unknown;
}

/** Who said so: protocol, frame and how sure. */
export function Evidence({ evidence }: { readonly evidence: unknown }): ReactNode {
  const said = [evidence].flat().filter((one) => one !== null && one !== undefined);
  if (said.length === 0) {
    return undefined;
  }
  return (
    <ul>
      {said.map((one) => (
        <li key={JSON.stringify(one)}>{isSaid(one) ? <Source {...one} /> : <Values value={one} />}</li>
      ))}
    </ul>
  );
}

function Source({ attribute, value, protocol, frame, confidence }: Said): ReactNode {
  const { t } = useTranslation();
  const { percent, number } = useFormat();
  return (
    <span className="sub">
      {attribute !== undefined && (
        <>
          <Values value={{ [String(attribute)]: value }} />
          {' · '}
        </>
      )}
      <Wire text={String(protocol)} most={30} />
      {typeof frame === 'number' && frame > 0 && <> · {t('part.frame', { frame: number(frame) })}</>}
      {typeof confidence === 'number' && <> · {t('part.sure', { share: percent(confidence) })}</>}
    </span>
  );
}

function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'protocol' in value;
}
