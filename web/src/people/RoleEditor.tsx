import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ACCESS_ROLES } from '../access/roles.ts';
import { Icon } from '../parts/Icon.tsx';
import { shownCut } from '../parts/shown.ts';
import { useSites } from '../shell/site.ts';
import type { StatedRole } from './account.ts';

const MOST_NAME = 30;

/** Which roles somebody has, and at which site. */
export function RoleEditor({
  roles,
  onChange,
}: {
  readonly roles: readonly StatedRole[];
  readonly onChange: (roles: readonly StatedRole[]) => void;
}): ReactNode {
  const { t } = useTranslation();
  const sites = useSites();
  const change = (at: number, part: Partial<StatedRole>): void =>
    onChange(roles.map((role, index) => (index === at ? { ...role, ...part } : role)));
  return (
    <fieldset className="field">
      <legend className="field-label">{t('people.roles')}</legend>
      {roles.map(({ role, site }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and hold no state of their own.
        <div key={index} className="role-line">
          <select
            aria-label={t('people.role')}
            value={role}
            onChange={({ target }) => {
              const next = ACCESS_ROLES.find((one) => one === target.value);
              if (next !== undefined) {
                change(index, { role: next });
              }
            }}
          >
            {ACCESS_ROLES.map((one) => (
              <option key={one} value={one}>
                {t(`accessRole.${one}`)}
              </option>
            ))}
          </select>
          <select
            aria-label={t('people.where')}
            value={site ?? ''}
            onChange={({ target }) => change(index, { site: target.value === '' ? null : target.value })}
          >
            <option value="">{t('people.everywhere')}</option>
            {sites.map(({ id, name }) => (
              <option key={id} value={id}>
                {shownCut(name, MOST_NAME)}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="button square"
            aria-label={t('people.removeRole', { role: t(`accessRole.${role}`) })}
            onClick={() => onChange(roles.filter((_, at) => at !== index))}
          >
            <Icon name="trash" />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button small"
        onClick={() => onChange([...roles, { role: 'analyst', site: null }])}
      >
        <Icon name="plus" />
        {t('people.addRole')}
      </button>
    </fieldset>
  );
}
