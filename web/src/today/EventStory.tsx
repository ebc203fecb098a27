import { Link } from '@tanstack/react-router';
import i18next from 'i18next';
import { Fragment, type ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { type AssetRef, portText } from '../conversations/conversation-row.ts';
import { End } from '../conversations/End.tsx';
import { SeverityBadge } from '../parts/Severity.tsx';
import { Change } from '../parts/Values.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import type { PlantEvent } from './event.ts';
import { linesOf, operationsOf, outlineOf, servicesOf, textsOf, timeOf } from './told.ts';

/** What happened, in one line that somebody of the plant would say. */
export function EventStory({ event }: { readonly event: PlantEvent }): ReactNode {
  const crowd = textsOf(event.after, 'among');
  if (crowd.length > 0) {
    return <Crowd names={crowd} count={event.count} />;
  }
  switch (event.kind) {
    case 'program':
      return <ProgramStory event={event} />;
    case 'conversation.new':
      return <TalkStory event={event} />;
    case 'finding.new':
      return <FindingStory event={event} />;
    case 'asset.new':
      return <NewAssetStory event={event} />;
    case 'service.new':
      return <ServiceStory event={event} />;
    case 'asset.returned':
      return <ReturnStory event={event} />;
    default:
      return <ChangeStory event={event} />;
  }
}

function Crowd({ names, count }: { readonly names: readonly string[]; readonly count: number }): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      {t('story.crowd', { count })} <List>{names.map((name) => ({ key: name, item: <Wire text={name} /> }))}</List>
    </>
  );
}

function ProgramStory({ event: { asset, after, conversation } }: Told): ReactNode {
  const { t } = useTranslation();
  const operations = operationsOf(after);
  const isFirmware = operations.some(({ effect }) => effect === 'firmware');
  const [client = '?', target = '?'] = [...textsOf(after, 'client'), ...textsOf(after, 'target')];
  const ends = {
    from: <End asset={conversation?.client ?? null} address={client} />,
    to: <End asset={conversation?.server ?? asset} address={target} />,
  };
  const protocols = [...new Set(operations.map(({ protocol }) => protocol.toUpperCase()))];
  return (
    <>
      {isFirmware ? (
        <Trans i18nKey="story.firmware" components={ends} />
      ) : (
        <Trans i18nKey="story.program" components={ends} />
      )}{' '}
      <List>
        {operations.map(({ name, count }) => ({
          key: name,
          item: (
            <>
              <Wire text={name} />
              {count > 1 && ` (${t('story.times', { count })})`}
            </>
          ),
        }))}
      </List>{' '}
      <span className="soft">({protocols.join(', ')})</span>
    </>
  );
}

function TalkStory({ event: { asset, count, after, conversation } }: Told): ReactNode {
  const { t } = useTranslation();
  const [client = '?'] = textsOf(after, 'client');
  const [target = '?'] = textsOf(after, 'target');
  const from = <End asset={conversation?.client ?? asset} address={client} />;
  const protocol = conversation?.protocol ?? undefined;
  const spoken = protocol === undefined ? t('story.unknownProtocol') : protocol.toUpperCase();
  if (count > 1) {
    return (
      <>
        <Trans i18nKey="story.talks" count={count} components={{ from }} /> <span className="soft">({spoken})</span>
      </>
    );
  }
  return (
    <>
      <Trans
        i18nKey="story.talk"
        components={{ from, to: <End asset={conversation?.server ?? null} address={target} /> }}
      />{' '}
      <span className="soft">
        ({spoken}
        {conversation !== null && `, ${portText(conversation)}`})
      </span>
    </>
  );
}

function FindingStory({ event: { finding, asset } }: Told): ReactNode {
  return finding === null ? undefined : (
    <>
      <SeverityBadge severity={finding.severity} />{' '}
      <Link to="/findings/$id" params={{ id: finding.id }}>
        <Wire text={finding.title} most={160} />
      </Link>
      {asset !== null && (
        <>
          {': '}
          <End asset={asset} address={asset.id} />
        </>
      )}
    </>
  );
}

function NewAssetStory({ event: { asset, after } }: Told): ReactNode {
  const { t } = useTranslation();
  const { vendor, product, firmware, addresses } = outlineOf(after);
  const maker = [vendor, product].filter((one) => one !== undefined);
  const role = asset === null || asset.role === 'unknown' ? t('story.device') : t(`role.${asset.role}`);
  return (
    <>
      <Asset asset={asset} />
      {': '}
      {role}
      {maker.length > 0 && (
        <>
          {', '}
          <Wire text={maker.join(' ')} />
        </>
      )}
      {firmware !== undefined && (
        <>
          , {t('story.withFirmware')} <Wire text={firmware} />
        </>
      )}
      {addresses.length > 0 && (
        <>
          , <span className="mono">{addresses.join(', ')}</span>
        </>
      )}
    </>
  );
}

function ServiceStory({ event: { asset, after } }: Told): ReactNode {
  return (
    <>
      <Trans i18nKey="story.service" components={{ asset: <Asset asset={asset} /> }} />{' '}
      <List>
        {servicesOf(after).map((service) => ({
          key: `${service.transport} ${service.port}`,
          item: (
            <>
              {service.protocol !== undefined && <Wire text={`${service.protocol.toUpperCase()} `} />}
              <span className={service.protocol === undefined ? 'mono' : 'mono soft'}>{portText(service)}</span>
            </>
          ),
        }))}
      </List>
    </>
  );
}

function ReturnStory({ event: { asset, before } }: Told): ReactNode {
  const time = timeOf(before);
  return (
    <>
      <Trans i18nKey="story.returned" components={{ asset: <Asset asset={asset} /> }} />
      {time !== undefined && <When time={time} exact />}
    </>
  );
}

/** What it was before, and what it is now. */
function ChangeStory({ event: { asset, before, after } }: Told): ReactNode {
  const lines = linesOf(before, after);
  if (lines === undefined) {
    return (
      <>
        <Asset asset={asset} />
        <Change before={before} after={after} />
      </>
    );
  }
  return (
    <>
      <Asset asset={asset} />
      {': '}
      {lines.map(({ attribute, was, is }, at) => (
        <Fragment key={attribute}>
          {at > 0 && ', '}
          <span className="soft">{attributeName(attribute)}</span> <Wire text={was} /> → <b>{<Wire text={is} />}</b>
        </Fragment>
      ))}
    </>
  );
}

interface Told {
  readonly event: PlantEvent;
}

function Asset({ asset }: { readonly asset: AssetRef | null }): ReactNode {
  return asset === null ? '–' : <End asset={asset} address={asset.id} />;
}

function List({
  children,
}: {
  readonly children: readonly { readonly key: string; readonly item: ReactNode }[];
}): ReactNode {
  return children.map(({ key, item }, at) => (
    <Fragment key={key}>
      {at > 0 && ', '}
      {item}
    </Fragment>
  ));
}

function attributeName(attribute: string): string {
  const key = `attribute.${attribute}`;
  return i18next.exists(key) ? i18next.t(key as 'attribute.name') : attribute;
}
