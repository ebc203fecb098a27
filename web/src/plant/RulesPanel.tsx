import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { apiQuery, refresh } from '../api/queries.ts';
import type { Place } from '../api/types.ts';
import { FormFault } from '../parts/FormFault.tsx';
import { useFormat } from '../parts/format.ts';
import { Icon } from '../parts/Icon.tsx';
import { Loaded } from '../parts/States.tsx';
import { shownCut } from '../parts/shown.ts';
import { say } from '../parts/toasts.ts';
import { Wire } from '../parts/Wire.tsx';
import { useWork } from '../parts/work.ts';
import { useMay } from '../shell/session.ts';

const KINDS = ['subnet', 'vlan', 'name', 'sensor'] as const;

interface Rule {
  readonly kind: (typeof KINDS)[number];
  readonly pattern: string;
  /** Id of a place. */
  readonly place: string;
}

interface Effect {
  readonly moves: number;
  /** Their place was said by hand. */
  readonly byHand: number;
  readonly between: readonly { readonly from: string | null; readonly to: string | null; readonly assets: number }[];
}

const MOST_NAME = 40;

/** The rules of a site that say where its assets stand. */
export function RulesPanel({ site, places }: { readonly site: Place; readonly places: readonly Place[] }): ReactNode {
  const { t } = useTranslation();
  const query = useQuery(apiQuery<readonly Rule[]>('plant', '/plant/rules', { site: site.id }));
  return (
    <section className="panel">
      <h2>{t('plant.rules')}</h2>
      <p className="soft">{t('plant.rulesHelp')}</p>
      <Loaded query={query}>
        {(rules) => <RuleEditor key={JSON.stringify(rules)} site={site} places={places} stored={rules} />}
      </Loaded>
    </section>
  );
}

function RuleEditor({
  site,
  places,
  stored,
}: {
  readonly site: Place;
  readonly places: readonly Place[];
  readonly stored: readonly Rule[];
}): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const work = useWork();
  const [rules, setRules] = useState(stored);
  const [effect, setEffect] = useState<Effect>();
  const mayEdit = can('plant:edit', site.site);
  const isChanged = JSON.stringify(rules) !== JSON.stringify(stored);
  const path = `site=${encodeURIComponent(site.id)}`;
  const set = (next: readonly Rule[]): void => {
    setRules(next);
    setEffect(undefined);
  };
  const preview = (): void =>
    work.run(async () => setEffect(await apiSend<Effect>('POST', `/plant/rules/preview?${path}`, rules)));
  const save = (): void =>
    work.run(async () => {
      const { moves } = await apiSend<Effect>('PUT', `/plant/rules?${path}`, rules);
      say(t('plant.rulesSaved', { count: moves }));
      await refresh(['plant', 'assets']);
    });
  return (
    <>
      <FormFault text={work.fault} />
      {rules.length === 0 && <p className="lead-line">{t('plant.noRules')}</p>}
      <ol className="rules">
        {rules.map((rule, index) => (
          <RuleLine
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and hold no state of their own.
            key={index}
            {...{ rule, index, places, mayEdit }}
            count={rules.length}
            onChange={(part) => set(rules.map((one, at) => (at === index ? { ...one, ...part } : one)))}
            onMove={(to) => set(moved(rules, index, to))}
            onRemove={() => set(rules.filter((_, at) => at !== index))}
          />
        ))}
      </ol>
      {mayEdit && (
        <div className="row">
          <button
            type="button"
            className="button"
            onClick={() => set([...rules, { kind: 'subnet', pattern: '', place: places[0]?.id ?? site.id }])}
          >
            <Icon name="plus" />
            {t('plant.addRule')}
          </button>
          <button type="button" className="button" disabled={work.isBusy || !isChanged} onClick={preview}>
            {t('plant.preview')}
          </button>
          <button type="button" className="button act" disabled={work.isBusy || !isChanged} onClick={save}>
            {t('plant.saveRules')}
          </button>
        </div>
      )}
      <div role="status">{effect !== undefined && <EffectText effect={effect} places={places} />}</div>
    </>
  );
}

function RuleLine({
  rule,
  index,
  count,
  places,
  mayEdit,
  onChange,
  onMove,
  onRemove,
}: {
  readonly rule: Rule;
  readonly index: number;
  readonly count: number;
  readonly places: readonly Place[];
  readonly mayEdit: boolean;
  readonly onChange: (part: Partial<Rule>) => void;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <li className="rule">
      <span className="soft rule-number">{index + 1}</span>
      <select
        aria-label={t('plant.ruleKind')}
        disabled={!mayEdit}
        value={rule.kind}
        onChange={({ target }) => onChange({ kind: KINDS.find((kind) => kind === target.value) ?? 'subnet' })}
      >
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {t(`ruleKind.${kind}`)}
          </option>
        ))}
      </select>
      <input
        aria-label={t('plant.pattern')}
        placeholder={t(`ruleExample.${rule.kind}`)}
        disabled={!mayEdit}
        maxLength={256}
        spellCheck={false}
        value={rule.pattern}
        onChange={({ target }) => onChange({ pattern: target.value })}
      />
      <select
        aria-label={t('plant.place')}
        disabled={!mayEdit}
        value={rule.place}
        onChange={({ target }) => onChange({ place: target.value })}
      >
        {places.map(({ id, name, kind }) => (
          <option key={id} value={id}>
            {shownCut(name, MOST_NAME)} ({t(`placeKind.${kind}`)})
          </option>
        ))}
      </select>
      {mayEdit && (
        <span className="rule-acts">
          <button
            type="button"
            className="button square"
            aria-label={t('plant.earlier', { number: index + 1 })}
            disabled={index === 0}
            onClick={() => onMove(index - 1)}
          >
            <Icon name="up" />
          </button>
          <button
            type="button"
            className="button square"
            aria-label={t('plant.later', { number: index + 1 })}
            disabled={index === count - 1}
            onClick={() => onMove(index + 1)}
          >
            <Icon name="down" />
          </button>
          <button
            type="button"
            className="button square"
            aria-label={t('plant.removeRule', { number: index + 1 })}
            onClick={onRemove}
          >
            <Icon name="trash" />
          </button>
        </span>
      )}
    </li>
  );
}

function EffectText({ effect, places }: { readonly effect: Effect; readonly places: readonly Place[] }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const names = new Map(places.map(({ id, name }) => [id, name]));
  const nameOf = (id: string | null): ReactNode =>
    id === null ? t('plant.nowhere') : <Wire text={names.get(id) ?? id} most={MOST_NAME} />;
  return (
    <div className="notice rule-effect">
      <p>
        {t('plant.moves', { count: effect.moves, number: number(effect.moves) })}{' '}
        {effect.byHand > 0 && t('plant.byHand', { count: effect.byHand, number: number(effect.byHand) })}
      </p>
      <ul>
        {effect.between.map(({ from, to, assets }) => (
          <li key={`${from} ${to}`}>
            {nameOf(from)} → {nameOf(to)}: {number(assets)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function moved(rules: readonly Rule[], from: number, to: number): readonly Rule[] {
  const rest = rules.filter((_, at) => at !== from);
  return [...rest.slice(0, to), ...rules.slice(from, from + 1), ...rest.slice(to)];
}
