import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../parts/format.ts';
import { SKEW_THAT_MATTERS } from './sensor-row.ts';

/** How far a sensor's clock is off, in seconds. */
export function Skew({ seconds }: { readonly seconds: number | null }): ReactNode {
  const { t } = useTranslation();
  const { duration } = useFormat();
  if (seconds === null) {
    return <span className="soft">–</span>;
  }
  const length = duration(Math.abs(seconds) * 1000);
  if (Math.abs(seconds) < SKEW_THAT_MATTERS) {
    return length;
  }
  return (
    <span className="chip noticed">{t(seconds > 0 ? 'sensors.ahead' : 'sensors.behind', { duration: length })}</span>
  );
}
