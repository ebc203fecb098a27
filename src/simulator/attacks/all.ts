import { beacon, ftpDefaults, openScreen, remoteBypass, rogueDhcp, telnetDefaults } from './access.ts';
import type { AttackPlan } from './attack.ts';
import { adsConfigMode, cipReset, finsStop, plcStop, slmpStop } from './control.ts';
import { listIdentitySweep, networkScan, registerSweep, remoteIdentification } from './discovery.ts';
import { arpImpersonation, dcpAddressChange, requestFlood } from './network.ts';
import { firmwareUpdate, programDownload, programUpload } from './program.ts';
import { coilBruteForce, modbusWrite, s7Write } from './writes.ts';

/** Every attack that the simulator can tell, in the order in which a campaign would go. */
export const attackPlans: readonly AttackPlan[] = [
  rogueDhcp,
  remoteBypass,
  networkScan,
  remoteIdentification,
  listIdentitySweep,
  registerSweep,
  telnetDefaults,
  ftpDefaults,
  modbusWrite,
  coilBruteForce,
  s7Write,
  programUpload,
  programDownload,
  plcStop,
  finsStop,
  slmpStop,
  adsConfigMode,
  cipReset,
  openScreen,
  firmwareUpdate,
  dcpAddressChange,
  arpImpersonation,
  requestFlood,
  beacon,
];
