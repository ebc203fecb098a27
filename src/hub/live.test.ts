import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createBus } from '../platform/bus/bus.ts';
import { createLive } from './live.ts';

const quick = { gather: 5, heartbeat: 60_000 };
const always = async () => true;

it('gathers what changed in a short time into one line', async () => {
  const bus = createBus();
  const live = createLive(bus, quick);
  const stream = live.open(always);

  bus.publish('sensors');
  bus.publish('assets');
  bus.publish('sensors');
  await sleep(30);

  expect(String(stream.read())).toBe('retry: 3000\n\nevent: changed\ndata: {"topics":["assets","sensors"]}\n\n');
  live.close();
});

it('says nothing more to who was signed out', async () => {
  const bus = createBus();
  const live = createLive(bus, quick);
  let signedIn = true;
  const stream = live.open(async () => signedIn);

  signedIn = false;
  bus.publish('people');
  await sleep(30);

  expect(stream.destroyed).toBe(true);
  expect(live.count).toBe(0);
  live.close();
});

it('ends the oldest stream where there are too many, and all when the hub stops', async () => {
  const live = createLive(createBus(), quick);
  const streams = Array.from({ length: 201 }, () => live.open(always));
  await sleep(1);

  expect(streams.map(({ destroyed }) => destroyed).indexOf(false)).toBe(1);
  expect(live.count).toBe(200);
  live.close();
  await sleep(1);
  expect(live.count).toBe(0);
});

it('gives up a reader that does not read', async () => {
  const bus = createBus();
  const live = createLive(bus, { gather: 0, heartbeat: 60_000 });
  const stream = live.open(always);

  stream.push('x'.repeat(70_000));
  bus.publish('assets');
  await sleep(20);

  expect(stream.destroyed).toBe(true);
  live.close();
});
