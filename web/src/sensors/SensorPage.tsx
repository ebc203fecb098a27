import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { apiQuery, refresh } from '../api/queries.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { Fact, Facts } from '../parts/Facts.tsx';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { useFormat } from '../parts/format.ts';
import { Page } from '../parts/Page.tsx';
import { Loaded } from '../parts/States.tsx';
import { shownCut } from '../parts/shown.ts';
import { say } from '../parts/toasts.ts';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { entered, useWork } from '../parts/work.ts';
import { useMay } from '../shell/session.ts';
import { SensorState } from './SensorState.tsx';
import { Skew } from './Skew.tsx';
import type { Gap, Sensor } from './sensor-row.ts';

const route = getRouteApi('/signed-in/sensors/$id');
const MOST_NAME = 60;

export function SensorPage(): ReactNode {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const query = useQuery(apiQuery<Sensor>('sensors', `/sensors/${encodeURIComponent(id)}`));
  const { data } = query;
  const title = data === undefined ? t('view.sensors') : shownCut(data.name, MOST_NAME);
  return (
    <Page
      title={title}
      heading={<bdi>{title}</bdi>}
      {...(data === undefined ? {} : { lead: <SensorState sensor={data} />, actions: <Acts sensor={data} /> })}
    >
      <Loaded query={query}>{(sensor) => <Parts sensor={sensor} />}</Loaded>
    </Page>
  );
}

function Acts({ sensor }: { readonly sensor: Sensor }): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const [open, setOpen] = useState<'edit' | 'remove'>();
  if (!can('sensors:manage', sensor.site)) {
    return null;
  }
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen('edit')}>
        {t('sensors.edit')}
      </button>
      <button type="button" className="button danger" onClick={() => setOpen('remove')}>
        {t('sensors.remove')}
      </button>
      {open === 'edit' && <EditSensor sensor={sensor} onClose={() => setOpen(undefined)} />}
      {open === 'remove' && <RemoveSensor sensor={sensor} onClose={() => setOpen(undefined)} />}
    </>
  );
}

interface DialogueProps {
  readonly sensor: Sensor;
  readonly onClose: () => void;
}

function EditSensor({ sensor, onClose }: DialogueProps): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const form = useId();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const target = event.currentTarget;
    work.run(async () => {
      await apiSend('PATCH', `/sensors/${encodeURIComponent(sensor.id)}`, {
        name: entered(target, 'name'),
        network: entered(target, 'network'),
      });
      await refresh(['sensors']);
      onClose();
    });
  };
  return (
    <Dialogue
      title={t('sensors.edit')}
      open
      onClose={onClose}
      foot={
        <button type="submit" form={form} className="button act" disabled={work.isBusy}>
          {t('sensors.save')}
        </button>
      }
    >
      <form id={form} onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <TextField label={t('sensors.name')} name="name" required maxLength={100} defaultValue={sensor.name} />
        <TextField
          label={t('sensors.network')}
          help={t('sensors.networkHelp')}
          name="network"
          required
          maxLength={100}
          defaultValue={sensor.network}
        />
      </form>
    </Dialogue>
  );
}

function RemoveSensor({ sensor, onClose }: DialogueProps): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const navigate = useNavigate();
  const remove = (): void =>
    work.run(async () => {
      await apiSend('DELETE', `/sensors/${encodeURIComponent(sensor.id)}`);
      say(t('sensors.removed'));
      await navigate({ to: '/sensors' });
      await refresh(['sensors']);
    });
  return (
    <Dialogue
      title={t('sensors.remove')}
      open
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('part.cancel')}
          </button>
          <button type="button" className="button danger" disabled={work.isBusy} onClick={remove}>
            {t('sensors.remove')}
          </button>
        </>
      }
    >
      <FormFault text={work.fault} />
      <p>{t('sensors.removeHelp')}</p>
    </Dialogue>
  );
}

function Parts({ sensor }: { readonly sensor: Sensor }): ReactNode {
  const { t } = useTranslation();
  const { duration, moment } = useFormat();
  return (
    <div className="panels">
      {sensor.state === 'silent' && sensor.unknownSince !== null && (
        <p className="notice wide">{t('sensors.silentHelp', { time: moment(sensor.unknownSince) })}</p>
      )}
      <section className="panel">
        <h2>{t('sensors.delivery')}</h2>
        <Facts>
          <Fact label={t('sensors.lastRecord')}>
            {sensor.lastRecordAt !== null && <When time={sensor.lastRecordAt} exact />}
          </Fact>
          <Fact label={t('sensors.lastCanary')}>
            {sensor.lastCanaryAt !== null && <When time={sensor.lastCanaryAt} exact />}
          </Fact>
          <Fact label={t('sensors.lag')}>{sensor.lag === null ? null : duration(sensor.lag * 1000)}</Fact>
          <Fact label={t('sensors.clock')}>
            <Skew seconds={sensor.clockSkew} />
          </Fact>
          <Fact label={t('sensors.network')}>
            <Wire text={sensor.network} />
          </Fact>
          <Fact label={t('sensors.since')}>
            <When time={sensor.createdAt} exact />
          </Fact>
        </Facts>
      </section>
      <HealthPanel sensor={sensor} />
      <section className="panel wide">
        <h2>{t('sensors.gaps')}</h2>
        <Gaps gaps={sensor.gapList} />
      </section>
    </div>
  );
}

function HealthPanel({ sensor: { health, healthAt } }: { readonly sensor: Sensor }): ReactNode {
  const { t } = useTranslation();
  const { number, size, percent } = useFormat();
  if (health === null) {
    return (
      <section className="panel">
        <h2>{t('sensors.health')}</h2>
        <p className="soft">{t('sensors.noHealth')}</p>
      </section>
    );
  }
  const limits = Object.entries(health.limits).filter(([, count]) => count > 0);
  return (
    <section className="panel">
      <h2>{t('sensors.health')}</h2>
      <Facts>
        <Fact label={t('sensors.interface')}>
          <Wire text={health.interface} /> · <Wire text={health.version} />
        </Fact>
        <Fact label={t('sensors.load')}>
          {percent(health.cpu)} · {size(health.memory)}
        </Fact>
        <Fact label={t('sensors.packets')}>
          {number(health.packets)}
          <span className="sub">
            {t('sensors.packetsKept', {
              decoded: number(health.decoded),
              filtered: number(health.filtered),
              dropped: number(health.dropped),
            })}
          </span>
        </Fact>
        <Fact label={t('sensors.lost')}>{health.lost === null ? t('sensors.notSaid') : number(health.lost)}</Fact>
        <Fact label={t('sensors.spool')}>
          {size(health.spoolBytes)} ·{' '}
          {t('sensors.records', { count: health.spoolRecords, number: number(health.spoolRecords) })}
        </Fact>
        <Fact label={t('sensors.restarts')}>{number(health.restarts)}</Fact>
        <Fact label={t('sensors.limits')}>
          {limits.length === 0
            ? number(0)
            : limits.map(([name, count]) => (
                <span key={name} className="chip noticed">
                  <Wire text={name} /> {number(count)}
                </span>
              ))}
        </Fact>
        {healthAt !== null && (
          <Fact label={t('sensors.saidAt')}>
            <When time={healthAt} />
          </Fact>
        )}
      </Facts>
    </section>
  );
}

/** Reasons that the console has words for; others are shown as the sensor names them. */
const REASONS = ['spool-full', 'too-old', 'damaged', 'new-epoch', 'capture', 'lost', 'unreadable'] as const;

function Gaps({ gaps }: { readonly gaps: readonly Gap[] }): ReactNode {
  const { t } = useTranslation();
  const { number, moment } = useFormat();
  if (gaps.length === 0) {
    return <p className="soft">{t('sensors.noGaps')}</p>;
  }
  return (
    <section className="table-scroll" aria-label={t('sensors.gaps')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('sensors.gapFrom')}</th>
            <th scope="col">{t('sensors.gapTo')}</th>
            <th scope="col">{t('sensors.gapReason')}</th>
            <th scope="col" className="number">
              {t('sensors.gapRecords')}
            </th>
            <th scope="col" className="number">
              {t('sensors.gapPackets')}
            </th>
          </tr>
        </thead>
        <tbody>
          {gaps.map(({ epoch, from, fromTime, toTime, takenAt, reason, records, packets }) => {
            const known = REASONS.find((one) => one === reason);
            return (
              <tr key={`${epoch} ${from} ${reason}`}>
                <td>{moment(fromTime ?? takenAt)}</td>
                <td>{toTime === null ? '–' : moment(toTime)}</td>
                <td>{known === undefined ? <Wire text={reason} /> : t(`gapReason.${known}`)}</td>
                <td className="number">{number(records)}</td>
                <td className="number">{number(packets)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
