import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../parts/format.ts';

export interface Span {
  /** Milliseconds of the epoch. */
  readonly since: number;
  readonly until: number;
}

const STEPS = 400;
const REST_MS = 300;

/** From when to when: two sliders on one line. `onChange` is told once it rests; the ends mean no bound. */
export function TimeRange({
  extent,
  chosen,
  onMove,
  onRest,
}: {
  readonly extent: Span;
  readonly chosen: Span;
  readonly onMove: (span: Span) => void;
  readonly onRest: (span: Span) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { moment } = useFormat();
  const [moving, setMoving] = useState<Span>();
  const { since, until } = moving ?? chosen;
  useEffect(() => {
    if (moving === undefined) {
      return;
    }
    const waiting = setTimeout(() => {
      setMoving(undefined);
      onRest(moving);
    }, REST_MS);
    return () => clearTimeout(waiting);
  });
  const step = Math.max(1, Math.round((extent.until - extent.since) / STEPS));
  const change = (span: Span): void => {
    setMoving(span);
    onMove(span);
  };
  const text = (time: number): string => moment(new Date(time).toISOString());
  return (
    <fieldset className="time-range">
      <legend className="hidden">{t('map.time')}</legend>
      <span className="time-end">{text(since)}</span>
      <div className="time-track">
        <input
          type="range"
          aria-label={t('map.since')}
          aria-valuetext={text(since)}
          min={extent.since}
          max={extent.until}
          step={step}
          value={since}
          onChange={({ target }) => change({ since: Math.min(Number(target.value), until - step), until })}
        />
        <input
          type="range"
          aria-label={t('map.until')}
          aria-valuetext={text(until)}
          min={extent.since}
          max={extent.until}
          step={step}
          value={until}
          onChange={({ target }) => change({ since, until: Math.max(Number(target.value), since + step) })}
        />
      </div>
      <span className="time-end">{text(until)}</span>
    </fieldset>
  );
}
