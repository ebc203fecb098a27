import { Menu } from '@base-ui/react/menu';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signOut } from '../access/sign-out.ts';
import { chooseLanguage, LANGUAGES, type Language } from '../language/language.ts';
import { Icon } from '../parts/Icon.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useSession } from './session.ts';
import { chooseTheme, storedTheme, THEMES, type Theme } from './theme.ts';

/** Who is signed in, how the console looks to them, and the way out. */
export function PersonMenu({ onHelp }: { readonly onHelp: () => void }): ReactNode {
  const { t, i18n } = useTranslation();
  const { person } = useSession();
  const navigate = useNavigate();
  const [theme, setTheme] = useState(storedTheme);
  return (
    <Menu.Root>
      <Menu.Trigger className="button plain person">
        <Icon name="person" />
        <span className="hidden">{t('shell.personMenu')}</span>
        <span className="wide-only">
          <Wire text={person?.name ?? ''} most={24} />
        </span>
        <Icon name="down" size={12} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" align="end" sideOffset={4}>
          <Menu.Popup className="floating">
            <Menu.Item className="menu-item" onClick={() => void navigate({ to: '/profile' })}>
              <Icon name="key" />
              {t('shell.profile')}
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={onHelp}>
              <kbd>?</kbd>
              {t('shortcut.title')}
            </Menu.Item>
            <div className="menu-rule" />
            <Menu.Group>
              <Menu.GroupLabel className="menu-label">{t('shell.theme')}</Menu.GroupLabel>
              <Menu.RadioGroup
                value={theme}
                onValueChange={(value: Theme) => {
                  chooseTheme(value);
                  setTheme(value);
                }}
              >
                {THEMES.map((value) => (
                  <Choice key={value} value={value} label={t(`theme.${value}`)} />
                ))}
              </Menu.RadioGroup>
            </Menu.Group>
            <div className="menu-rule" />
            <Menu.Group>
              <Menu.GroupLabel className="menu-label">{t('shell.language')}</Menu.GroupLabel>
              <Menu.RadioGroup value={i18n.language} onValueChange={(value: Language) => void chooseLanguage(value)}>
                {Object.entries(LANGUAGES).map(([value, label]) => (
                  <Choice key={value} value={value} label={label} />
                ))}
              </Menu.RadioGroup>
            </Menu.Group>
            <div className="menu-rule" />
            <Menu.Item className="menu-item" onClick={() => void signOut(navigate)}>
              {t('shell.signOut')}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Choice({ value, label }: { readonly value: string; readonly label: string }): ReactNode {
  return (
    <Menu.RadioItem className="menu-item" value={value}>
      <span className="menu-check">
        <Menu.RadioItemIndicator>
          <Icon name="check" size={14} />
        </Menu.RadioItemIndicator>
      </span>
      {label}
    </Menu.RadioItem>
  );
}
