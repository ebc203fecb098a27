import type { Micros } from '../kit/time.ts';

/**
 * What one message tells, in words that all protocols share. Features see only these, never a protocol's own fields.
 * Every text in here came from the wire: it is hostile until an output has escaped it.
 */
export type Observation =
  | IdentityObservation
  | ModuleObservation
  | AddressObservation
  | ServiceObservation
  | RoleObservation
  | NeighbourObservation
  | BehindObservation
  | CredentialObservation
  | ClockObservation
  | CycleObservation;

/** What an operation does to the device or the process: the question that policies and findings ask. */
export type Effect =
  | 'read'
  | 'write'
  | 'control'
  | 'program'
  | 'firmware'
  | 'configure'
  | 'authenticate'
  | 'discover'
  | 'report'
  | 'session'
  | 'unknown';

/** Whom an observation is about. A device named by address need not take part in the conversation (DHCP, DNS, ARP). */
export type Subject = 'sender' | 'receiver' | { readonly mac: string } | { readonly address: string };

/** How we know, which decides how far a value is believed. */
export type Basis = keyof typeof CONFIDENCE;

export const CONFIDENCE = {
  /** The device's own identification service answered (SZL, CIP identity, I&M0, Modbus 43/14). */
  identification: 0.95,
  /** The device announces itself (LLDP, CDP, DCP answer, I-Am, browser host announcement). */
  announcement: 0.9,
  /** The device's own free-text description (SNMP sysDescr). */
  description: 0.85,
  /** A discovery answer (ADS over UDP, SSDP). */
  discovery: 0.8,
  /** A banner that an administrator can change (HTTP Server, SSH, FTP). */
  banner: 0.7,
  /** What another device states about this one (expected module, DHCP lease, DNS answer, certificate subject). */
  stated: 0.65,
  /** Behaviour: strong, then weak. */
  behaviour: 0.5,
  hint: 0.3,
} as const;

/** What is known of a device or module; an absent value is unknown. Texts are as sent, trimmed. */
export interface Identity {
  readonly vendor?: string;
  readonly product?: string;
  readonly orderNumber?: string;
  readonly firmware?: string;
  readonly hardware?: string;
  readonly serial?: string;
  readonly os?: string;
  readonly name?: string;
}

/** Leaves out what is unknown or empty, so that an absent value is never written as one. */
export function known(values: { readonly [Key in keyof Identity]?: string | undefined }): Identity {
  const kept: { -readonly [Key in keyof Identity]: string } = {};
  for (const key of Object.keys(values) as (keyof Identity)[]) {
    const value = values[key];
    if (value) {
      kept[key] = value;
    }
  }
  return kept;
}

export interface IdentityObservation extends Identity {
  readonly kind: 'identity';
  readonly subject: Subject;
  readonly basis: Basis;
}

/** A part of the subject, in a slot or rack of its own. */
export interface ModuleObservation extends Identity {
  readonly kind: 'module';
  readonly subject: Subject;
  readonly slot: number;
  readonly basis: Basis;
}

/** MAC and IP address that belong together; the absent one is the sender's own. `probe`, `announcement` and `lease` mark a hand-over of the address. */
export interface AddressObservation {
  readonly kind: 'address';
  readonly mac?: string;
  readonly address?: string;
  readonly via: 'request' | 'reply' | 'probe' | 'announcement' | 'lease' | 'discovery';
}

/** Something about the server side of this conversation, or about a port that the subject says it serves. */
export interface ServiceObservation {
  readonly kind: 'service';
  readonly subject: Subject;
  /** Absent: the server port of this conversation. */
  readonly port?: number;
  readonly banner?: string;
  readonly protection?: 'none' | 'signed' | 'encrypted';
  /** Version of the protocol or of its protection, such as `TLS 1.2` or `SMB 1`. */
  readonly version?: string;
  /** The name under which the client asked for it (SNI, HTTP host). */
  readonly requestedName?: string;
}

export type Role =
  | 'plc'
  | 'rtu'
  | 'io'
  | 'drive'
  | 'robot'
  | 'safety'
  | 'hmi'
  | 'engineering'
  | 'historian'
  | 'scada'
  | 'gateway'
  | 'switch'
  | 'router'
  | 'firewall'
  | 'server'
  | 'workstation'
  | 'printer'
  | 'camera'
  | 'phone'
  | 'clock'
  | 'unknown';

/** The message shows what kind of machine the subject is; `reason` is shown to people. */
export interface RoleObservation {
  readonly kind: 'role';
  readonly subject: Subject;
  readonly role: Exclude<Role, 'unknown'>;
  readonly reason: string;
  readonly basis: Basis;
}

/** A port of the sender and what it says about itself there (LLDP, CDP, STP). The chassis id joins several interfaces. */
export interface NeighbourObservation {
  readonly kind: 'neighbour';
  readonly subject: Subject;
  readonly chassis: string;
  readonly port: string;
  /** Addresses by which the device is managed. */
  readonly managementAddresses?: readonly string[];
}

/** A device that the subject speaks for; it has no address of its own on this network. Only from an answer. */
export interface BehindObservation extends Identity {
  readonly kind: 'behind';
  readonly subject: Subject;
  /** Stable within the subject, such as `unit 3` or `ams 5.1.2.3.1.1`. */
  readonly device: string;
  readonly basis: Basis;
}

/** Someone signed in and could be seen doing so. The secret itself is never kept, nor its length. */
export interface CredentialObservation {
  readonly kind: 'credential';
  readonly scheme: string;
  readonly user?: string;
  /**
   * `sent`: in clear. `default`: in clear, and one that every manual prints, such as `public`. `none`: anonymous.
   * `protected`: only the name was in clear (NTLM, Kerberos).
   */
  readonly secret: 'sent' | 'default' | 'none' | 'protected';
}

/** A time that the sender states, beside the packet's own time. */
export interface ClockObservation {
  readonly kind: 'clock';
  readonly stated: Micros;
  readonly source: string;
}

/** A period and time-out that the conversation's parties agree on, in microseconds. */
export interface CycleObservation {
  readonly kind: 'cycle';
  readonly period: Micros;
  readonly timeout?: Micros;
}
