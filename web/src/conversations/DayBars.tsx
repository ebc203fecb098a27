import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../parts/format.ts';
import type { Day } from './conversation-row.ts';
import './conversations.css';

/** How much was said on each day: a table whose lines are bars. */
export function DayBars({ days }: { readonly days: readonly Day[] }): ReactNode {
  const { t } = useTranslation();
  const { number, size, day: dayText } = useFormat();
  const most = Math.max(1, ...days.map(({ packets }) => packets));
  const sorted = days.toSorted((a, b) => (a.day < b.day ? 1 : -1));
  return (
    <table className="plain-table day-bars">
      <thead>
        <tr>
          <th scope="col">{t('conversations.day')}</th>
          <th scope="col">
            <span className="hidden">{t('conversations.share')}</span>
          </th>
          <th scope="col" className="number">
            {t('conversations.packets')}
          </th>
          <th scope="col" className="number">
            {t('conversations.bytes')}
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map(({ day, packets, bytes }) => (
          <tr key={day}>
            <td>{dayText(day)}</td>
            <td className="day-cell">
              <span className="day-bar" style={{ width: `${Math.round((100 * packets) / most)}%` }} />
            </td>
            <td className="number">{number(packets)}</td>
            <td className="number">{size(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
