import type { Mutable } from '../../../kit/mutable.ts';
export interface Fields {
  readonly pduType: string;
  readonly invokeId?: number;
  readonly originalInvokeId?: number;
  readonly service?: number;
  readonly domainId?: string;
  readonly itemId?: string;
  readonly variables?: number;
  readonly failures?: number;
  readonly fileName?: string;
  readonly programInvocation?: string;
  readonly vendorName?: string;
  readonly modelName?: string;
  readonly revision?: string;
  readonly hardwareRevision?: string;
  readonly serialNumber?: string;
  readonly maxPduSize?: number;
  readonly errorClass?: number;
  readonly errorCode?: number;
}

/** Fields while a PDU is being read. */
export type Draft = Mutable<Fields>;

export const FIELDS: { readonly [Field in keyof Required<Fields>]: string } = {
  pduType: 'Kind of the PDU, such as confirmed-request, confirmed-response, unconfirmed, initiate-request',
  invokeId: 'Pairs an answer with its request',
  originalInvokeId: 'The request that is cancelled or rejected',
  service: 'Number of the service in ISO 9506-2, such as 2 identify, 4 read, 5 write; of unconfirmed services 0 report',
  domainId: 'Domain of the first variable, in IEC 61850 the logical device; or the domain that is loaded',
  itemId: 'First variable or list of variables, in IEC 61850 a path such as GGIO1$CO$SPCSO1$Oper',
  variables: 'Variables in the request, or results in the answer',
  failures: 'Results that are failures',
  fileName: 'File that is opened or deleted',
  programInvocation: 'Program that is created, started, stopped or deleted',
  vendorName: 'Maker, from Identify or a nameplate',
  modelName: 'Model, from Identify or a nameplate',
  revision: 'Revision of the software, from Identify or a nameplate',
  hardwareRevision: 'Revision of the hardware, from a nameplate',
  serialNumber: 'Serial number, from a nameplate',
  maxPduSize: 'Longest PDU that the sender takes',
  errorClass: 'Class of the error: 0 VMD state, 2 definition, 3 resource, 4 service, 7 access, 11 file',
  errorCode: 'Error within its class; or why the first failed variable could not be accessed',
};
