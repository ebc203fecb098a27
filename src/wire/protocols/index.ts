import type { Dissector } from '../dissector.ts';
import { arp } from './arp/arp.ts';
import { modbus } from './modbus/modbus.ts';

/** Every protocol Keyway reads. Adding one is a folder beside this file and a line here. */
export const dissectors: readonly Dissector[] = [arp, modbus];
