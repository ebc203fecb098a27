import { Popover } from '@base-ui/react/popover';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/Icon.tsx';
import type { Column } from './columns.ts';

export function ColumnMenu<Row>({
  columns,
  isShown,
  toggle,
}: {
  readonly columns: readonly Column<Row>[];
  readonly isShown: (id: string) => boolean;
  readonly toggle: (id: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Popover.Root>
      <Popover.Trigger className="button wide-only">
        <Icon name="columns" />
        {t('table.columns')}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" align="end" sideOffset={4}>
          <Popover.Popup className="floating" aria-label={t('table.columns')}>
            {columns.map(({ id, head }) => (
              <label key={id} className="menu-item">
                <input type="checkbox" checked={isShown(id)} onChange={() => toggle(id)} />
                {head}
              </label>
            ))}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
