import type { AttackPlan } from './attack.ts';
import { coilBruteForce, modbusWrite, s7Write } from './commands.ts';
import { adsConfigMode, cipReset, finsStop, plcStop } from './control.ts';
import { listIdentitySweep, networkScan, registerSweep, remoteIdentification } from './discovery.ts';
import { arpImpersonation, dcpAddressChange, requestFlood } from './network.ts';
import { firmwareUpdate, programDownload, programUpload } from './program.ts';

/** Every attack that the simulator can tell, in the order in which a campaign would go. */
export const attackPlans: readonly AttackPlan[] = [
  networkScan,
  remoteIdentification,
  listIdentitySweep,
  registerSweep,
  modbusWrite,
  coilBruteForce,
  s7Write,
  programUpload,
  programDownload,
  plcStop,
  finsStop,
  adsConfigMode,
  cipReset,
  firmwareUpdate,
  dcpAddressChange,
  arpImpersonation,
  requestFlood,
];
