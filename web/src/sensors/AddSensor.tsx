import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { Copyable } from '../parts/Copyable.tsx';
import { Dialogue } from '../parts/Dialogue.tsx';
import { SelectField, TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { shownCut } from '../parts/shown.ts';
import { entered, useWork } from '../parts/work.ts';
import { useSite, useSites } from '../shell/site.ts';

interface Added {
  readonly id: string;
  readonly secret: string;
  readonly command: string;
}

const MOST_NAME = 40;

/** Adds a sensor, then shows once what to type where it runs. */
export function AddSensor({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const sites = useSites();
  const site = useSite();
  const work = useWork();
  const form = useId();
  const [added, setAdded] = useState<Added>();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const target = event.currentTarget;
    work.run(async () => {
      setAdded(
        await apiSend<Added>('POST', '/sensors', { name: entered(target, 'name'), site: entered(target, 'site') }),
      );
      await refresh(['sensors']);
    });
  };
  if (added !== undefined) {
    return (
      <Dialogue
        title={t('sensors.added')}
        open
        onClose={onClose}
        foot={
          <button type="button" className="button act" onClick={onClose}>
            {t('sensors.kept')}
          </button>
        }
      >
        <p>{t('sensors.onlyOnce')}</p>
        <h3 className="step">{t('sensors.stepSecret')}</h3>
        <Copyable text={added.secret} label={t('copy.code')} />
        <h3 className="step">{t('sensors.stepCommand')}</h3>
        <Copyable text={added.command} label={t('copy.command')} />
      </Dialogue>
    );
  }
  return (
    <Dialogue
      title={t('sensors.add')}
      open
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('part.cancel')}
          </button>
          <button type="submit" form={form} className="button act" disabled={work.isBusy || sites.length === 0}>
            {t('sensors.add')}
          </button>
        </>
      }
    >
      <form id={form} onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        {sites.length === 0 && <p className="form-fault">{t('sensors.noSite')}</p>}
        <TextField label={t('sensors.name')} help={t('sensors.nameHelp')} name="name" required maxLength={100} />
        <SelectField label={t('placeKind.site')} name="site" required defaultValue={site ?? sites[0]?.id ?? ''}>
          {sites.map(({ id, name }) => (
            <option key={id} value={id}>
              {shownCut(name, MOST_NAME)}
            </option>
          ))}
        </SelectField>
      </form>
    </Dialogue>
  );
}
