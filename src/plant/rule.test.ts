import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Placeable, type PlaceRule, placingOf, type RuleKind, wildcard } from './rule.ts';

const plc: Placeable = {
  id: 'a1',
  site: 's',
  names: ['Press-2-PLC'],
  addresses: ['10.1.2.3', 'fd00:1::9'],
  vlans: [20],
  sensors: ['cell-2'],
};

describe('a rule', () => {
  it.each<{ kind: RuleKind; pattern: string; fits: boolean }>([
    { kind: 'subnet', pattern: '10.1.2.0/24', fits: true },
    { kind: 'subnet', pattern: '10.1.3.0/24', fits: false },
    { kind: 'subnet', pattern: '10.1.2.3', fits: true },
    { kind: 'subnet', pattern: '0.0.0.0/0', fits: true },
    { kind: 'subnet', pattern: 'fd00:1::/64', fits: true },
    { kind: 'subnet', pattern: 'fd00:2::/64', fits: false },
    { kind: 'subnet', pattern: '::/0', fits: true },
    { kind: 'vlan', pattern: '20', fits: true },
    { kind: 'vlan', pattern: '10-19', fits: false },
    { kind: 'vlan', pattern: '10-20', fits: true },
    { kind: 'name', pattern: 'press-*', fits: true },
    { kind: 'name', pattern: 'press-2', fits: false },
    { kind: 'name', pattern: '*-plc', fits: true },
    { kind: 'name', pattern: 'press.2.plc', fits: false },
    { kind: 'sensor', pattern: 'cell-2', fits: true },
    { kind: 'sensor', pattern: 'cell-*', fits: false },
  ])('by $kind $pattern fits: $fits', ({ kind, pattern, fits }) => {
    const placing = placingOf([{ kind, pattern, place: 'p' }]);

    expect(placing.ok && placing.value(plc)).toBe(fits ? 'p' : undefined);
  });

  it.each<{ kind: RuleKind; pattern: string }>([
    { kind: 'subnet', pattern: '10.1.2.0/33' },
    { kind: 'subnet', pattern: 'press' },
    { kind: 'subnet', pattern: '10.1.2' },
    { kind: 'subnet', pattern: 'fd00::1::/64' },
    { kind: 'vlan', pattern: '5000' },
    { kind: 'vlan', pattern: '20-10' },
    { kind: 'vlan', pattern: 'x' },
    { kind: 'name', pattern: '' },
    { kind: 'name', pattern: 'x'.repeat(257) },
  ])('by $kind $pattern is refused with its number', ({ kind, pattern }) => {
    const good: PlaceRule = { kind: 'name', pattern: '*', place: 'p' };

    expect(placingOf([good, { kind, pattern, place: 'p' }])).toMatchObject({
      ok: false,
      error: { code: 'plant.unclear-rule', details: [{ at: 'rule 2' }] },
    });
  });

  it('decides where it is the first that fits', () => {
    const placing = placingOf([
      { kind: 'vlan', pattern: '30', place: 'no' },
      { kind: 'subnet', pattern: '10.0.0.0/8', place: 'first' },
      { kind: 'name', pattern: '*', place: 'second' },
    ]);

    expect(placing.ok && placing.value(plc)).toBe('first');
  });
});

describe('a pattern of names', () => {
  it.each([
    { pattern: '*', text: '', fits: true },
    { pattern: 'a*a', text: 'a', fits: false },
    { pattern: 'a*a', text: 'aa', fits: true },
    { pattern: 'a*b*c', text: 'a-c-b-c', fits: true },
    { pattern: 'a*bc*c', text: 'abc', fits: false },
    { pattern: 'a**c', text: 'abc', fits: true },
    { pattern: 'Ä*', text: 'äb', fits: true },
  ])('$pattern fits $text: $fits', ({ pattern, text, fits }) => {
    expect(wildcard(pattern)(text)).toBe(fits);
  });

  it('fits what the same regular expression fits', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.') });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[^]*');
        expect(wildcard(pattern)(text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
    );
  });
});
