import { roleNamed } from '../stated.ts';
import type { Documented } from './document.ts';
import { at, listIn, objectIn, textIn } from './fields.ts';
import type { JsonKind } from './json-document.ts';
import { Stating } from './stating.ts';

/** A CycloneDX bill of materials (ECMA-424) in JSON: each device in it is an asset, and the firmware below it is its firmware. */
export function cycloneDx(): JsonKind {
  let isCycloneDx = false;
  return {
    item(key, value, place) {
      return key === 'components' ? deviceOf(value, place) : undefined;
    },
    property(key, value) {
      if (key === 'bomFormat') {
        isCycloneDx = value === 'CycloneDX';
        return isCycloneDx ? undefined : 'it is not CycloneDX';
      }
      return undefined;
    },
    end: () => (isCycloneDx ? undefined : 'it has no bomFormat: it is not CycloneDX'),
  };
}

function deviceOf(component: unknown, place: string): Documented | { readonly wrong: string } | undefined {
  const type = at(component, 'type');
  if (objectIn(component) === undefined || typeof type !== 'string') {
    return { wrong: 'it is no component' };
  }
  if (type !== 'device' && type !== 'firmware') {
    return undefined;
  }
  const properties = propertiesOf(component);
  const purpose = properties.get('cdx:device:function');
  const role = purpose === undefined ? undefined : roleNamed(purpose);
  const stating = new Stating()
    .say('serial', properties.get('cdx:device:serialNumber'))
    .say('assetNumber', properties.get('cdx:device:sku'))
    .also('mac', properties.get('cdx:device:macAddress'))
    .say('vendor', vendorOf(component))
    .say('product', textIn(at(component, 'name')))
    .say('role', role)
    .say('function', role === undefined ? purpose : undefined)
    .say('comment', textIn(at(component, 'description')))
    .say(type === 'firmware' ? 'firmware' : 'hardware', textIn(at(component, 'version')));
  if (!stating.isNamed) {
    // Nothing else tells it from others of its kind.
    stating.say('name', textIn(at(component, 'name')));
  }
  for (const part of listIn(at(component, 'components'))) {
    sayPart(stating, part);
  }
  return stating.isNamed ? { at: place, stated: stating.stated() } : { wrong: 'nothing in it says which device it is' };
}

function sayPart(stating: Stating, part: unknown): void {
  const name = textIn(at(part, 'name'));
  const version = textIn(at(part, 'version'));
  const both = [name, version].filter((text) => text !== undefined).join(' ');
  const type = at(part, 'type');
  if (type === 'firmware') {
    stating.say('firmware', version ?? name);
  } else if (type === 'operating-system') {
    stating.say('os', both);
  } else {
    stating.also('software', both);
  }
}

function vendorOf(component: unknown): string | undefined {
  return (
    textIn(at(component, 'manufacturer', 'name')) ??
    textIn(at(component, 'supplier', 'name')) ??
    textIn(at(component, 'publisher'))
  );
}

function propertiesOf(component: unknown): ReadonlyMap<string, string> {
  return new Map(
    listIn(at(component, 'properties')).flatMap((property) => {
      const name = textIn(at(property, 'name'));
      const value = textIn(at(property, 'value'));
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}
