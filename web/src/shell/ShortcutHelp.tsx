import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialogue } from '../parts/Dialogue.tsx';
import { VIEWS } from './navigation.ts';

const OTHERS = [
  ['/', 'search'],
  ['?', 'help'],
  ['g h', 'profile'],
  ['j', 'next'],
  ['k', 'previous'],
  ['Enter', 'open'],
  ['x', 'select'],
  ['a', 'accept'],
  ['r', 'refuse'],
  ['Esc', 'close'],
] as const;

export function ShortcutHelp({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialogue title={t('shortcut.title')} open={open} onClose={onClose}>
      <div className="shortcuts">
        <dl>
          {VIEWS.map(({ letter, name }) => (
            <Line key={name} keys={`g ${letter}`} meaning={t(`view.${name}`)} />
          ))}
        </dl>
        <dl>
          {OTHERS.map(([keys, name]) => (
            <Line key={name} keys={keys} meaning={t(`shortcut.${name}`)} />
          ))}
        </dl>
      </div>
    </Dialogue>
  );
}

function Line({ keys, meaning }: { readonly keys: string; readonly meaning: string }): ReactNode {
  return (
    <div className="shortcut">
      <dt>
        {keys.split(' ').map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{meaning}</dd>
    </div>
  );
}
