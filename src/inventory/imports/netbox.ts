import { roleNamed } from '../stated.ts';
import type { Documented } from './document.ts';
import { at, objectIn, textIn } from './fields.ts';
import type { JsonKind } from './json-document.ts';
import { Stating } from './stating.ts';

/** What NetBox answers at `/api/dcim/devices/`: an object with `results`, or a list of devices alone. */
export function netboxDevices(): JsonKind {
  return {
    item(key, value, place) {
      if (key !== '' && key !== 'results') {
        return undefined;
      }
      return objectIn(value) === undefined ? { wrong: 'it is no device' } : deviceOf(value, place);
    },
    property: (key, value) => (key === 'results' && !Array.isArray(value) ? 'it is no list of devices' : undefined),
  };
}

function deviceOf(device: unknown, place: string): Documented | { readonly wrong: string } {
  // `device_role` until NetBox 3.6, `role` since.
  const role = named(at(device, 'role')) ?? named(at(device, 'device_role'));
  const known = role === undefined ? undefined : roleNamed(role);
  const stating = new Stating()
    .say('name', textIn(at(device, 'name')))
    .say('serial', textIn(at(device, 'serial')))
    .say('assetNumber', textIn(at(device, 'asset_tag')))
    .say('vendor', named(at(device, 'device_type', 'manufacturer')))
    .say('product', textIn(at(device, 'device_type', 'model')))
    .say('orderNumber', textIn(at(device, 'device_type', 'part_number')))
    .say('os', named(at(device, 'platform')))
    .say('owner', named(at(device, 'tenant')))
    .say('location', locationOf(device))
    .say('comment', textIn(at(device, 'description')) ?? textIn(at(device, 'comments')))
    .say('role', known)
    .say('function', known === undefined ? role : undefined)
    .in('site', named(at(device, 'site')));
  for (const key of ['primary_ip4', 'primary_ip6', 'primary_ip', 'oob_ip']) {
    stating.also('address', textIn(at(device, key, 'address')));
  }
  if (!stating.isNamed) {
    return { wrong: 'nothing in it says which device it is' };
  }
  return { at: place, stated: stating.stated(), place: stating.place() };
}

/** Nested objects have a name and, for people, a text; brief answers have the text alone. */
function named(value: unknown): string | undefined {
  return textIn(at(value, 'name')) ?? textIn(at(value, 'display')) ?? textIn(value);
}

function locationOf(device: unknown): string | undefined {
  const rack = named(at(device, 'rack'));
  const parts = [named(at(device, 'location')), rack].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}
