import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../parts/format.ts';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import type { AssetDetail, SeenValue, StatedValue } from './asset-detail.ts';

/** In the order in which a person reads them; the first group is shown even where nothing is known. */
const ALWAYS = ['name', 'vendor', 'product', 'orderNumber', 'firmware', 'hardware', 'serial', 'os'] as const;
const STATED_ONLY = ['role', 'owner', 'location', 'function', 'criticality', 'assetNumber', 'comment'] as const;

/** What it is: what devices said beside what people state, each with its source. */
export function Identity({ asset: { evidence, stated } }: { readonly asset: AssetDetail }): ReactNode {
  const { t } = useTranslation();
  const rows = [...ALWAYS, ...STATED_ONLY.filter((name) => stated[name] !== undefined)];
  return (
    <section className="panel wide" aria-labelledby="identity">
      <h2 id="identity">{t('asset.identity')}</h2>
      <div className="scroll">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('asset.attribute')}</th>
              <th scope="col">{t('asset.observed')}</th>
              <th scope="col">{t('asset.stated')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((name) => (
              <tr key={name}>
                <th scope="row">{t(`attribute.${name}`)}</th>
                <td>
                  <Observed values={evidence.filter(({ attribute }) => attribute === name)} />
                </td>
                <td>
                  <Stated value={stated[name]} observed={evidence.find(({ attribute }) => attribute === name)?.value} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Observed({ values }: { readonly values: readonly SeenValue[] }): ReactNode {
  const { t } = useTranslation();
  const [best, ...others] = values.toSorted((a, b) => b.confidence - a.confidence || compare(b.lastSeen, a.lastSeen));
  if (best === undefined) {
    return <span className="soft">{t('asset.notKnown')}</span>;
  }
  return (
    <>
      <Value value={best} />
      {others.length > 0 && (
        <details className="others">
          <summary>{t('asset.others', { count: others.length })}</summary>
          {others.map((value) => (
            <Value key={`${value.protocol} ${value.basis} ${value.value}`} value={value} />
          ))}
        </details>
      )}
    </>
  );
}

function Value({ value: { value, protocol, frame, confidence, lastSeen } }: { readonly value: SeenValue }): ReactNode {
  const { t } = useTranslation();
  const { number, percent } = useFormat();
  return (
    <div className="seen-value">
      <Wire text={value} whole />
      <span className="sub">
        <Wire text={protocol} most={30} />
        {frame > 0 && <> · {t('part.frame', { frame: number(frame) })}</>} ·{' '}
        {t('part.sure', { share: percent(confidence) })} · <When time={lastSeen} />
      </span>
    </div>
  );
}

function Stated({
  value,
  observed,
}: {
  readonly value: StatedValue | undefined;
  readonly observed: string | undefined;
}): ReactNode {
  const { t } = useTranslation();
  if (value === undefined) {
    return <span className="soft">–</span>;
  }
  const differs = observed !== undefined && observed !== value.value;
  return (
    <div className="seen-value">
      <Wire text={value.value} whole />
      {differs && <span className="chip differs">{t('asset.differs')}</span>}
      <span className="sub">
        <Wire text={value.by} most={40} /> · <When time={value.at} />
      </span>
    </div>
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
