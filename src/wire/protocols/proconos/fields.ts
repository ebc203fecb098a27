import type { Mutable } from '../../../kit/mutable.ts';
import { defineOperations, type Reading } from '../../dissector.ts';

export interface Fields {
  type?: number;
  function?: number;
  sequence?: number;
  service?: number;
  method?: number;
  name?: string;
  items?: number;
  item?: number;
  startKind?: number;
  state?: string;
  runtime?: string;
  plcType?: string;
  project?: string;
  bootProject?: string;
  projectSource?: string;
}

export type Message = Mutable<Reading<Fields>>;

export const FIELDS: { readonly [Field in keyof Required<Fields>]: string } = {
  type: 'Of the newer framing: 0 opens a service, 2 calls a method, odd is the answer',
  function: 'Of the older framing: what is asked',
  sequence: 'Of the older framing: number of the question, repeated in its answer',
  service: 'Handle of the open service; 0 where there is no such service',
  method: 'Number of the method that is called',
  name: 'Name of the service',
  items: 'How many items of the controller are read',
  item: 'Number of the first item',
  startKind: '1 cold, 2 warm, 3 hot',
  state: 'State of the controller: on, running, stopped, or its number',
  runtime: 'Run-time system with its version and date',
  plcType: 'Type of the controller',
  project: 'Project that is loaded',
  bootProject: 'Project that is started after a reset',
  projectSource: 'Whether the source of the project is on the controller',
};

export const OPERATIONS = defineOperations({
  open: ['open a service', 'session'],
  identify: ['identify', 'discover'],
  readState: ['read the state', 'read'],
  readItems: ['read items', 'read'],
  start: ['start the controller', 'control'],
  stop: ['stop the controller', 'control'],
  unknown: ['unknown function', 'unknown'],
});
