import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 2.5, 10];

/** Figures of this process for Prometheus. */
export interface Metrics {
  readonly replied: (route: string, status: number, seconds: number) => void;
  /** A figure that is asked for when somebody looks. */
  gauge(name: string, help: string, read: () => number): void;
  /** The text that Prometheus reads. */
  text(): Promise<string>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'keyway_http_requests_total',
    help: 'Replies by route and status',
    labelNames: ['route', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'keyway_http_seconds',
    help: 'Time until the reply is on its way, by route',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers,
  });
  return {
    replied(route, status, took) {
      requests.inc({ route, status });
      seconds.observe({ route }, took);
    },
    gauge(name, help, read) {
      const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) });
    },
    text: () => registry.metrics(),
  };
}
