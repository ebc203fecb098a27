import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Copyable } from '../parts/Copyable.tsx';
import { useFormat } from '../parts/format.ts';
import { Icon } from '../parts/Icon.tsx';
import { Page } from '../parts/Page.tsx';
import { Empty } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useMay } from '../shell/session.ts';
import { useSite } from '../shell/site.ts';
import type { Column } from '../table/columns.ts';
import { DataTable } from '../table/DataTable.tsx';
import { useRows } from '../table/use-rows.ts';
import { AddSensor } from './AddSensor.tsx';
import { SensorState } from './SensorState.tsx';
import { Skew } from './Skew.tsx';
import { limitsReached, type SensorRow } from './sensor-row.ts';

const EXAMPLE = 'keyway sensor --interface eth0 --hub https://… --id … --secret-file /etc/keyway/sensor.secret';

export function SensorsPage(): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const can = useMay();
  const site = useSite();
  const navigate = useNavigate();
  const [isAdding, setAdding] = useState(false);
  const rows = useRows<SensorRow>('sensors', '/sensors', { site });
  return (
    <Page
      fill
      title={t('view.sensors')}
      actions={
        <>
          {can('captures:upload') && (
            <Link to="/uploads" className="button">
              <Icon name="upload" />
              {t('uploads.title')}
            </Link>
          )}
          {can('sensors:manage') && (
            <button type="button" className="button act" onClick={() => setAdding(true)}>
              <Icon name="plus" />
              {t('sensors.add')}
            </button>
          )}
        </>
      }
    >
      <DataTable
        label={t('view.sensors')}
        rows={rows}
        columns={useColumns()}
        rowId={({ id }) => id}
        narrow={(sensor) => <Card sensor={sensor} />}
        onOpen={({ id }) => void navigate({ to: '/sensors/$id', params: { id } })}
        empty={<NoSensors onAdd={can('sensors:manage') ? () => setAdding(true) : undefined} />}
      />
      <p className="table-foot" role="status">
        {t('sensors.count', { count: rows.total, number: number(rows.total) })}
      </p>
      {isAdding && <AddSensor onClose={() => setAdding(false)} />}
    </Page>
  );
}

function useColumns(): readonly Column<SensorRow>[] {
  const { t } = useTranslation();
  const { number, size, duration } = useFormat();
  return [
    { id: 'name', head: t('sensors.name'), width: 180, grow: 2, cell: (sensor) => <SensorLink sensor={sensor} /> },
    { id: 'state', head: t('sensors.state'), width: 230, cell: (sensor) => <SensorState sensor={sensor} /> },
    {
      id: 'lastRecord',
      head: t('sensors.lastRecord'),
      width: 124,
      grow: 0,
      cell: ({ lastRecordAt }) => (lastRecordAt === null ? '–' : <When time={lastRecordAt} />),
    },
    {
      id: 'lag',
      head: t('sensors.lag'),
      width: 100,
      grow: 0,
      align: 'end',
      cell: ({ lag }) => (lag === null ? '–' : duration(lag * 1000)),
    },
    {
      id: 'spool',
      head: t('sensors.spool'),
      width: 96,
      grow: 0,
      align: 'end',
      cell: ({ health }) => (health === null ? '–' : size(health.spoolBytes)),
    },
    {
      id: 'gaps',
      head: t('sensors.gaps'),
      width: 76,
      grow: 0,
      align: 'end',
      cell: ({ gaps }) => (gaps === 0 ? <span className="soft">0</span> : <Noticed>{number(gaps)}</Noticed>),
    },
    {
      id: 'skew',
      head: t('sensors.clock'),
      width: 150,
      grow: 0,
      cell: ({ clockSkew }) => <Skew seconds={clockSkew} />,
    },
    {
      id: 'limits',
      head: t('sensors.limits'),
      width: 136,
      grow: 0,
      align: 'end',
      cell: (sensor) => {
        const reached = limitsReached(sensor);
        return reached === 0 ? <span className="soft">0</span> : <Noticed>{number(reached)}</Noticed>;
      },
    },
  ];
}

function Noticed({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className="chip noticed">{children}</span>;
}

function SensorLink({ sensor: { id, name } }: { readonly sensor: SensorRow }): ReactNode {
  return (
    <Link to="/sensors/$id" params={{ id }} tabIndex={-1}>
      <Wire text={name} />
    </Link>
  );
}

/** A sensor as a line on a phone. */
function Card({ sensor }: { readonly sensor: SensorRow }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  return (
    <>
      <div className="card-line">
        <span className="grow">
          <SensorLink sensor={sensor} />
        </span>
        {sensor.gaps > 0 && (
          <Noticed>{t('sensors.gapCount', { count: sensor.gaps, number: number(sensor.gaps) })}</Noticed>
        )}
      </div>
      <div className="card-line soft">
        <span className="grow">
          <SensorState sensor={sensor} />
        </span>
        {sensor.lastRecordAt !== null && <When time={sensor.lastRecordAt} />}
      </div>
    </>
  );
}

function NoSensors({ onAdd }: { readonly onAdd: (() => void) | undefined }): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  return (
    <Empty icon="sensors" title={t('sensors.empty')}>
      <p>{t('sensors.emptyHelp')}</p>
      <Copyable text={EXAMPLE} label={t('copy.command')} />
      {onAdd !== undefined && (
        <button type="button" className="button act" onClick={onAdd}>
          {t('sensors.add')}
        </button>
      )}
      {can('captures:upload') && (
        <Link to="/uploads" className="button">
          <Icon name="upload" />
          {t('sensors.upload')}
        </Link>
      )}
    </Empty>
  );
}
